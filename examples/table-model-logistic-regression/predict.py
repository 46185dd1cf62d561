"""Answers with a trained model: `Predictor.load(artifact).predict([…])`, whose rows are of its `input`."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np

from core.artifact import read_manifest
from encoding import Encoder, Target
from schemas import Estimate, Input, Label
from scorer import Scorer


class Row(NamedTuple):
    numbers: list[float]
    notes: list[str]


class Predictor:
    token_budget = 64  # rows at a time

    def __init__(
        self,
        encoder: Encoder,
        scorer: Scorer,
        takes: type[Input],
        labels: list[str],
        target: Target | None,
    ) -> None:
        self.encoder = encoder
        self.scorer = scorer
        self.input = takes
        self.labels = labels
        self.target = target

    @classmethod
    def load(cls, artifact: Path) -> Self:
        """Raises ArtifactError where there is no complete artifact."""
        manifest = read_manifest(artifact)
        labels = manifest["labels"]
        target = None if labels else Target.load(artifact)
        takes = Input.of_model(manifest)
        return cls(Encoder.load(artifact), Scorer.load(artifact), takes, labels, target)

    def prepare(self, item: Input) -> Row:
        cells = item.cells
        pairs = zip(self.encoder.columns, cells, strict=True)
        notes = [note for column, cell in pairs if (note := column.surprise(cell))]
        return Row(self.encoder.encode(cells), notes)

    def size(self, prepared: Row) -> int:
        return 1

    def infer(self, batch: list[Row]) -> Sequence[Label | Estimate]:
        matrix = np.array([row.numbers for row in batch], dtype=np.float32)
        scores = self.scorer.score(matrix).tolist()
        pairs = zip(scores, batch, strict=True)
        if self.target is None:
            return [Label.of_scores(self.labels, score, row.notes) for score, row in pairs]
        return [Estimate.of_scaled(self.target, score, row.notes) for score, row in pairs]

    def predict(self, inputs: list[Input]) -> Sequence[Label | Estimate]:
        return self.infer([self.prepare(item) for item in inputs])
