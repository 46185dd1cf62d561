"""Scores answers with a trained model: `Predictor.load(artifact).predict([Input(messages=[…])])`."""

from pathlib import Path
from typing import Any, Self

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from core.artifact import read_manifest
from core.chat import encode_conversation
from core.generation import Message
from core.messages import require_turns
from language_model import until_end
from schemas import Input, Output


class Predictor:
    token_budget = 2048  # padded tokens in a batch

    def __init__(self, model: Any, tokenizer: Any, max_length: int) -> None:
        self.model = model
        self.tokenizer = tokenizer
        self.max_length = max_length

    @classmethod
    def load(cls, artifact: Path) -> Self:
        """Raises ArtifactError where there is no complete artifact."""
        config = read_manifest(artifact)["config"]
        weights = artifact / "weights"
        torch.set_num_threads(1)  # the server has a thread per core
        model = AutoModelForSequenceClassification.from_pretrained(weights, dtype=torch.float32)
        return cls(model.eval(), AutoTokenizer.from_pretrained(weights), config["max_length"])

    def prepare(self, item: Input) -> list[int]:
        """
        Raises:
            ValueError: The messages are no conversation that ends with an answer.
        """
        conversation = tuple(Message(each.role, each.content) for each in item.messages)
        require_turns(conversation)
        return until_end(encode_conversation(self.tokenizer, conversation))[: self.max_length]

    def size(self, prepared: list[int]) -> int:
        return len(prepared)

    @torch.inference_mode()
    def infer(self, batch: list[list[int]]) -> list[Output]:
        inputs = self.tokenizer.pad({"input_ids": batch}, padding_side="right", return_tensors="pt")
        scores = self.model(**inputs.to(self.model.device)).logits[:, 0]
        return [Output(score=score) for score in scores.tolist()]

    def predict(self, inputs: list[Input]) -> list[Output]:
        return self.infer([self.prepare(item) for item in inputs])
