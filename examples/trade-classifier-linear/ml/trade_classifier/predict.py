"""Answers with a trained model: `Predictor.load(artifact).predict([Input(text="…")])`."""

from pathlib import Path
from typing import Self

import skops.io
from sklearn.pipeline import Pipeline

from baseline import StackedClassifier
from core.artifact import read_manifest
from schemas import Input, Output


class Predictor:
    token_budget = 64  # texts at a time; nothing is padded here, so each counts as one

    def __init__(self, model: Pipeline) -> None:
        self.features = model["features"]
        self.classifier = StackedClassifier(model["classifier"])

    @classmethod
    def load(cls, artifact: Path) -> Self:
        """Raises ArtifactError where there is no complete artifact."""
        read_manifest(artifact)
        return cls(skops.io.load(artifact / "model.skops"))

    def prepare(self, item: Input) -> str:
        return item.text

    def size(self, prepared: str) -> int:
        return 1

    def infer(self, batch: list[str]) -> list[Output]:
        rows = self.classifier.predict_proba(self.features.transform(batch)).tolist()
        return [Output.of(self.classifier.labels, row) for row in rows]

    def predict(self, inputs: list[Input]) -> list[Output]:
        return self.infer([self.prepare(item) for item in inputs])
