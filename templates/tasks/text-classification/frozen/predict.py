"""Answers with a trained model: `Predictor.load(artifact).predict([Input(text="…")])`."""

from pathlib import Path
from typing import Self

from core.engine import TOKEN_BUDGET, Engine, Tokenized
from model import Head
from schemas import Input, Output


class Predictor:
    token_budget = TOKEN_BUDGET

    def __init__(self, engine: Engine, head: Head) -> None:
        self.engine = engine
        self.head = head

    @classmethod
    def load(cls, artifact: Path) -> Self:
        """Raises ArtifactError where there is no complete artifact."""
        return cls(Engine.load(artifact), Head.load(artifact))

    def prepare(self, item: Input) -> Tokenized:
        return self.engine.tokenize(item.text)

    def size(self, prepared: Tokenized) -> int:
        return len(prepared)

    def infer(self, batch: list[Tokenized]) -> list[Output]:
        probabilities = self.engine.classify(batch, self.head.predict)
        return [Output.of(self.head.labels, row) for row in probabilities.tolist()]

    def predict(self, inputs: list[Input]) -> list[Output]:
        return self.infer([self.prepare(item) for item in inputs])
