"""Answers with a trained model: `Predictor.load(artifact).predict([Input(user="T001")])`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from baseline import MostPopular
from catalog import Catalog, Model, best_items
from core.artifact import read_manifest
from model import load_model
from schemas import Input, Output, Recommendation, Source
from sparse import SparseRow


@dataclass(frozen=True, slots=True)
class Query:
    history: SparseRow  # what the user took, and what the request adds to it
    source: Source
    count: int
    exclude_seen: bool
    unknown_items: list[str]


class Predictor:
    token_budget = 64  # requests at a time; each counts as one

    def __init__(self, catalog: Catalog, model: Model) -> None:
        self.catalog = catalog
        self.model = model
        self.popular = MostPopular(catalog)

    @classmethod
    def load(cls, artifact: Path) -> Self:
        """Raises ArtifactError where there is no complete artifact."""
        read_manifest(artifact)
        return cls(Catalog.load(artifact), load_model(artifact))

    def prepare(self, item: Input) -> Query:
        user = None if item.user is None else self.catalog.users.get(item.user)
        taken: dict[int, float] = {}
        if user is not None:
            taken |= zip(*(part.tolist() for part in self.catalog.history(user)), strict=True)
        known = self.catalog.items
        given = [known[name] for name in dict.fromkeys(item.items) if name in known]
        taken |= {number: taken.get(number) or 1.0 for number in given}
        history = SparseRow(np.array([*taken], np.int64), np.array([*taken.values()], np.float64))
        source: Source = "items" if user is None else "model"
        return Query(
            history,
            source if history.values.any() else "popular",
            item.count,
            item.exclude_seen,
            [name for name in dict.fromkeys(item.items) if name not in known],
        )

    def size(self, prepared: Query) -> int:
        return 1

    def infer(self, batch: list[Query]) -> list[Output]:
        return [self._answer(query) for query in batch]

    def predict(self, inputs: list[Input]) -> list[Output]:
        return self.infer([self.prepare(item) for item in inputs])

    def _answer(self, query: Query) -> Output:
        model = self.popular if query.source == "popular" else self.model
        scores = model.score(query.history)
        seen = query.history.columns
        best = best_items(scores, seen if query.exclude_seen else seen[:0], query.count)
        return Output(
            items=[
                Recommendation(item=self.catalog.item_names[number], score=float(scores[number]))
                for number in best.tolist()
            ],
            source=query.source,
            unknown_items=query.unknown_items,
        )
