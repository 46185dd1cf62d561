"""Writes with a trained model: `Predictor.load(artifact).predict([Input(text="…")])`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from transformers import AutoTokenizer

from core import chat_api
from core.artifact import read_manifest
from core.chat import encode_question
from core.generation import Engine, Message, Sampling, answer
from facts import Facts
from network import open_engine
from schemas import Input, Output

Prepared = tuple[list[int], Sampling]


class Predictor:
    routers = (chat_api.router,)
    token_budget = 1  # the engine makes batches of its own

    def __init__(self, engine: Engine, tokenizer: Any, facts: Facts) -> None:
        self.engine = engine
        self.tokenizer = tokenizer
        self.facts = facts
        self.workers = engine.slots
        self.max_length = min(facts.max_length, engine.max_length)

    @classmethod
    def load(cls, artifact: Path) -> Self:
        """
        Raises:
            ArtifactError: There is no complete artifact, it is an adapter without its model, or vLLM
                refuses it.
        """
        read_manifest(artifact)
        facts = Facts.load(artifact)
        tokenizer = AutoTokenizer.from_pretrained(artifact / "tokenizer")
        return cls(open_engine(artifact, facts, tokenizer), tokenizer, facts)

    def encode_chat(self, messages: Sequence[Message]) -> list[int]:
        if not self.facts.is_chat:
            raise ValueError("The model goes on with texts; ask /v1/completions.")
        return encode_question(self.tokenizer, messages)

    def encode_text(self, text: str) -> list[int]:
        ids: list[int] = self.tokenizer(text)["input_ids"]
        return ids

    def room(self, ids: Sequence[int]) -> int:
        room = self.max_length - len(ids)
        if room < 1:
            raise ValueError(
                f"The text has {len(ids):,} tokens; the model reads {self.max_length - 1:,} at the most."
            )
        return room

    def prepare(self, item: Input) -> Prepared:
        if not self.facts.is_chat:
            ids = self.encode_text(item.text)
        else:
            system = [Message("system", item.system)] if item.system else []
            ids = self.encode_chat([*system, Message("user", item.text)])
        limit = min(item.max_tokens, self.room(ids))
        return ids, Sampling(limit, temperature=item.temperature, seed=item.seed)

    def size(self, prepared: Prepared) -> int:
        return len(prepared[0])

    def infer(self, batch: list[Prepared]) -> list[Output]:
        return [Output(text=text) for text in answer(self.engine, batch)]

    def predict(self, inputs: list[Input]) -> list[Output]:
        return self.infer([self.prepare(item) for item in inputs])

    @property
    def failure(self) -> Exception | None:
        return self.engine.failure

    def close(self) -> None:
        """End what the engine started."""
        self.engine.close()
