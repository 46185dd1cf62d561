"""Scores recommendations against what users took next, one user at a time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from baseline import NAME, MostPopular
from catalog import Catalog, Model, best_items
from core.run import Run
from sparse import Floats, Ints
from split import Interaction

LENGTH = 10  # of a list of recommendations
AT = "@" + str(LENGTH)


@dataclass(frozen=True, slots=True)
class Truth:
    """What the users of the validation part took next."""

    users: list[int]
    items: list[list[str]]  # of each of these users; the catalog need not know them

    @classmethod
    def of(cls, catalog: Catalog, held_out: Sequence[Interaction]) -> "Truth":
        items: dict[int, list[str]] = {}
        for interaction in held_out:
            items.setdefault(catalog.users[interaction.user], []).append(interaction.item)
        return cls([*items], [*items.values()])

    def drawn(self, most: int, seed: int) -> "Truth":
        """At the most so many of the users."""
        places = np.random.default_rng(seed).permutation(len(self.users))[:most].tolist()
        return Truth([self.users[at] for at in places], [self.items[at] for at in places])


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A value per user of the validation part, and the list that they got."""

    ndcg: Floats
    recall: Floats
    hit_rate: Floats
    average_precision: Floats
    lists: list[Ints]
    coverage: float  # share of the items that somebody got

    @property
    def metrics(self) -> dict[str, float]:
        return {
            f"ndcg_at_{LENGTH}": float(self.ndcg.mean()),
            f"recall_at_{LENGTH}": float(self.recall.mean()),
            f"hit_rate_at_{LENGTH}": float(self.hit_rate.mean()),
            f"map_at_{LENGTH}": float(self.average_precision.mean()),
            "coverage": self.coverage,
        }


def evaluate_baseline(catalog: Catalog, truth: Truth, run: Run) -> Evaluation:
    baseline = evaluate(MostPopular(catalog), catalog, truth)
    run.event("baseline", name=NAME, **baseline.metrics)
    return baseline


def evaluate(model: Model, catalog: Catalog, truth: Truth) -> Evaluation:
    return measure([recommend(model, catalog, user) for user in truth.users], catalog, truth)


def recommend(model: Model, catalog: Catalog, user: int) -> Ints:
    """The best items for a user, without what they have taken before."""
    history = catalog.history(user)
    return best_items(model.score(history), history.columns, LENGTH)


def measure(lists: list[Ints], catalog: Catalog, truth: Truth) -> Evaluation:
    """Judge the list that each user of `truth` got."""
    rows = []
    for best, wanted in zip(lists, truth.items, strict=True):
        known = [catalog.items[item] for item in wanted if item in catalog.items]
        rows.append(_measure(np.isin(best, known), len(wanted)))
    ndcg, recall, hit_rate, average_precision = np.array(rows).T
    coverage = len(np.unique(np.concatenate(lists))) / len(catalog.items)
    return Evaluation(ndcg, recall, hit_rate, average_precision, lists, coverage)


def _measure(hits: NDArray[np.bool_], wanted: int) -> tuple[float, float, float, float]:
    """NDCG, recall, hit rate and average precision of one list."""
    places = np.flatnonzero(hits) + 1  # from 1
    ideal = (1 / np.log2(np.arange(min(wanted, LENGTH)) + 2)).sum()
    precisions = np.arange(1, len(places) + 1) / places
    return (
        float((1 / np.log2(places + 1)).sum() / ideal),
        len(places) / wanted,
        float(len(places) > 0),
        float(precisions.sum() / min(wanted, LENGTH)),
    )
