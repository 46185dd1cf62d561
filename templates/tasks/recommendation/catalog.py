"""Users and items as numbers, and what each user has taken: the part that all algorithms share."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, Self

import numpy as np
from safetensors.numpy import load_file, save_file

from sparse import Floats, Ints, SparseRow, SparseRows
from split import Interaction

NOT_LIKED = 0.0  # weight of what was seen and not liked
BLOCK = 64  # items of which only the best one is looked at first


class Catalog:
    """Items are numbered by how many users liked them, the most popular first."""

    def __init__(
        self, users: list[str], items: list[str], counts: Ints, unit: float, histories: SparseRows
    ) -> None:
        self.users = {name: number for number, name in enumerate(users)}
        self.items = {name: number for number, name in enumerate(items)}
        self.item_names = items
        self.counts = counts  # users who liked each item
        self.unit = unit  # the rating that weighs 1: the mean of what is liked
        self.histories = histories  # a row per user, a column per item; weights as values

    @classmethod
    def of(cls, interactions: Sequence[Interaction]) -> Self:
        users = sorted({i.user for i in interactions})
        liked = Counter(i.item for i in interactions if i.is_liked)
        items = sorted({i.item for i in interactions}, key=lambda item: (-liked[item], item))
        unit = float(np.mean([i.rating for i in interactions if i.is_liked]))
        counts = np.array([liked[item] for item in items], dtype=np.int64)
        empty = SparseRows(np.zeros(len(users) + 1, np.int64), *_NO_ROW, len(items))
        return cls(users, items, counts, unit, empty)._with(interactions)

    def extended(self, interactions: Sequence[Interaction]) -> Self:
        """The same users and items, where more of what they took is known."""
        return self._with([i for i in interactions if i.item in self.items])

    def history(self, user: int) -> SparseRow:
        """What the user has taken, and how much it weighs."""
        return self.histories.row(user)

    def _with(self, interactions: Sequence[Interaction]) -> Self:
        users = np.array([self.users[i.user] for i in interactions], dtype=np.int64)
        items = np.array([self.items[i.item] for i in interactions], dtype=np.int64)
        weights = [i.rating / self.unit if i.is_liked else NOT_LIKED for i in interactions]
        histories = SparseRows.of(
            np.concatenate([self.histories.rows, users]),
            np.concatenate([self.histories.columns, items]),
            np.concatenate([self.histories.values, weights]),
            (len(self.users), len(self.items)),
        )
        return type(self)([*self.users], self.item_names, self.counts, self.unit, histories)

    def save(self, folder: Path) -> None:
        names = {"users": [*self.users], "items": self.item_names, "unit": self.unit}
        (folder / "catalog.json").write_text(json.dumps(names), encoding="utf-8")
        tensors = self.histories.to_tensors("histories") | {"counts": self.counts}
        save_file(tensors, folder / "catalog.safetensors")

    @classmethod
    def load(cls, folder: Path) -> Self:
        names = json.loads((folder / "catalog.json").read_text(encoding="utf-8"))
        tensors = load_file(folder / "catalog.safetensors")
        histories = SparseRows.from_tensors(tensors, "histories", len(names["items"]))
        return cls(names["users"], names["items"], tensors["counts"], names["unit"], histories)


class Model(Protocol):
    """What learns: it knows a user by what they took, so a new user is no special case."""

    def score(self, history: SparseRow) -> Floats:
        """How well each item fits who took this; higher is better."""


_NO_ROW = SparseRow(np.zeros(0, np.int64), np.zeros(0))


def best_items(scores: Floats, excluded: Ints, most: int) -> Ints:
    """Numbers of the items with the highest scores; of equal ones, the more popular are first."""
    scores = scores.copy()
    scores[excluded] = -np.inf
    most = min(most, len(scores) - len(excluded))
    if most < 1:
        return np.zeros(0, np.int64)
    candidates = _candidates(scores, most)
    order = np.argsort(-scores[candidates], kind="stable")
    return candidates[order][:most]


def _candidates(scores: Floats, most: int) -> Ints:
    """A few items, the best ones among them: to sort all would take longer than to score them."""
    blocks = scores[: len(scores) // BLOCK * BLOCK].reshape(-1, BLOCK).max(axis=1)
    if len(blocks) < most:
        return np.arange(len(scores))
    least = np.partition(blocks, len(blocks) - most)[len(blocks) - most]
    return np.flatnonzero(scores >= least)  # each of the best blocks has one
