"""Answers with a tuned model: `Predictor.load(artifact).predict([Input(text="…")])`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from core import chat_api
from core.artifact import read_manifest
from core.batch_engine import SLOTS, BatchEngine
from core.chat import encode_question
from core.decoding import Decoder
from core.generation import Message, Sampling, answer
from language_model import end_tokens
from schemas import Input, Output

Question = tuple[list[int], Sampling]


class Predictor:
    """Is what `core.generation` calls a generator, so that OpenAI's clients can ask it too."""

    routers = (chat_api.router,)
    token_budget = 1  # an input to each thread: the engine puts them into batches
    workers = SLOTS

    def __init__(self, engine: BatchEngine, tokenizer: Any, context: int) -> None:
        self.engine = engine
        self.tokenizer = tokenizer
        self.context = context  # tokens of a conversation with its answer

    @classmethod
    def load(cls, artifact: Path) -> Self:
        """Raises ArtifactError where there is no complete artifact."""
        read_manifest(artifact)
        tokenizer = AutoTokenizer.from_pretrained(artifact / "weights")
        model = AutoModelForCausalLM.from_pretrained(artifact / "weights", dtype="auto")
        model.eval().to(torch.accelerator.current_accelerator() or "cpu")
        engine = BatchEngine(Decoder(model), tokenizer, ends=end_tokens(model, tokenizer))
        return cls(engine, tokenizer, model.config.max_position_embeddings)

    def encode_chat(self, messages: Sequence[Message]) -> list[int]:
        """
        Raises:
            ValueError: The model's template refuses them.
        """
        return encode_question(self.tokenizer, messages)

    def encode_text(self, text: str) -> list[int]:
        ids: list[int] = self.tokenizer(text)["input_ids"]
        return ids

    def room(self, ids: Sequence[int]) -> int:
        """
        Raises:
            ValueError: There is none for an answer.
        """
        if len(ids) >= self.context:
            raise ValueError(
                f"The conversation has {len(ids):,} tokens; with its answer {self.context:,} fit."
            )
        return self.context - len(ids)

    def prepare(self, item: Input) -> Question:
        system = [Message("system", item.system)] if item.system else []
        ids = self.encode_chat([*system, Message("user", item.text)])
        length = min(item.max_tokens, self.room(ids))
        return ids, Sampling(length, temperature=item.temperature, seed=item.seed)

    def size(self, prepared: Question) -> int:
        return len(prepared[0])

    def infer(self, batch: list[Question]) -> list[Output]:
        return [Output(text=text.strip()) for text in answer(self.engine, batch)]

    def predict(self, inputs: list[Input]) -> list[Output]:
        return self.infer([self.prepare(item) for item in inputs])

    def close(self) -> None:
        self.engine.close()
