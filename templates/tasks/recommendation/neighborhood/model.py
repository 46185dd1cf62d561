"""Neighbours: what is similar to what a user took, or what similar users took."""

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from catalog import Model, best_items
from sparse import Floats, SparseRow, SparseRows

FACTS, TENSORS = "neighbors.json", "neighbors.safetensors"
TINY = 1e-12


class ItemNeighbors:
    """Scores an item by how similar it is to the items that the user took."""

    def __init__(self, similarities: SparseRows) -> None:
        self.similarities = similarities  # row: an item that was taken; column: one to recommend

    def score(self, history: SparseRow) -> Floats:
        return self.similarities.combine(history.columns, history.values)

    def save(self, folder: Path) -> None:
        _save(folder, {"by": "item", "items": self.similarities.width}, self.similarities)


class UserNeighbors:
    """Scores an item by how similar the users are who took it, the nearest of all users."""

    def __init__(self, histories: SparseRows, neighbors: int, shrinkage: float) -> None:
        self.histories = histories  # row: a user of the training data; column: an item
        self.neighbors = neighbors
        self.shrinkage = shrinkage
        self._takers = histories.transposed()
        self._lengths = histories.lengths

    def score(self, history: SparseRow) -> Floats:
        products = self._takers.combine(history.columns, history.values)
        length = float(np.linalg.norm(history.values))
        similarities = products / (self._lengths * length + self.shrinkage + TINY)
        nearest = best_items(similarities, np.zeros(0, np.int64), self.neighbors)
        return self.histories.combine(nearest, similarities[nearest])

    def save(self, folder: Path) -> None:
        facts = {"neighbors": self.neighbors, "shrinkage": self.shrinkage}
        _save(folder, {"by": "user", "items": self.histories.width, **facts}, self.histories)


def load_model(folder: Path) -> Model:
    facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    rows = SparseRows.from_tensors(load_file(folder / TENSORS), "rows", facts["items"])
    if facts["by"] == "item":
        return ItemNeighbors(rows)
    return UserNeighbors(rows, facts["neighbors"], facts["shrinkage"])


def _save(folder: Path, facts: dict[str, object], rows: SparseRows) -> None:
    (folder / FACTS).write_text(json.dumps(facts), encoding="utf-8")
    save_file(rows.to_tensors("rows"), folder / TENSORS)
