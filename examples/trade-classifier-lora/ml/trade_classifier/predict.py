"""Answers with a trained model: `Predictor.load(artifact).predict([Input(text="…")])`."""

from pathlib import Path
from typing import Self

from tokenizers import Encoding

from core.artifact import read_manifest
from core.encoder import TOKEN_BUDGET, Encoder, softmax
from schemas import Input, Output


class Predictor:
    token_budget = TOKEN_BUDGET

    def __init__(self, encoder: Encoder, labels: list[str]) -> None:
        self.encoder = encoder
        self.labels = labels

    @classmethod
    def load(cls, artifact: Path) -> Self:
        """Raises ArtifactError where there is no complete artifact."""
        return cls(Encoder.load(artifact), read_manifest(artifact)["labels"])

    def prepare(self, item: Input) -> Encoding:
        return self.encoder.encode(item.text)

    def size(self, prepared: Encoding) -> int:
        return len(prepared)

    def infer(self, batch: list[Encoding]) -> list[Output]:
        probabilities = softmax(self.encoder.run(batch))
        return [Output.of(self.labels, row) for row in probabilities.tolist()]

    def predict(self, inputs: list[Input]) -> list[Output]:
        return self.infer([self.prepare(item) for item in inputs])
