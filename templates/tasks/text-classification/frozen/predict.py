"""Answers with a trained model: `Predictor.load(artifact).predict([Input(text="…")])`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tokenizers import Encoding

from core.encoder import TOKEN_BUDGET, Encoder
from model import Head
from schemas import Input, Output


@dataclass(frozen=True, slots=True)
class Prepared:
    text: str
    encoding: Encoding


class Predictor:
    token_budget = TOKEN_BUDGET

    def __init__(self, encoder: Encoder, head: Head) -> None:
        self.encoder = encoder
        self.head = head

    @classmethod
    def load(cls, artifact: Path) -> Self:
        """Raises ArtifactError where there is no complete artifact."""
        return cls(Encoder.load(artifact), Head.load(artifact))

    def prepare(self, item: Input) -> Prepared:
        return Prepared(item.text, self.encoder.encode(item.text))

    def size(self, prepared: Prepared) -> int:
        return len(prepared.encoding)

    def infer(self, batch: list[Prepared]) -> list[Output]:
        embeddings = self.encoder.run([prepared.encoding for prepared in batch])
        scores = self.head.predict([prepared.text for prepared in batch], embeddings)
        return [Output.of(self.head.labels, row) for row in scores.tolist()]

    def predict(self, inputs: list[Input]) -> list[Output]:
        return self.infer([self.prepare(item) for item in inputs])
