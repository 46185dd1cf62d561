"""Scores a search, one query at a time, by where the passages stand that answer it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

LENGTH = 10  # of a list of results
AT = "@" + str(LENGTH)
DEPTH = 100  # how far down an answer is looked for
BLOCK = 64  # queries at a time

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Scores = Callable[[slice], Floats]  # of some queries: a row for each, a column per passage


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A value per query, and the list that it got."""

    ndcg: NDArray[np.float64]
    recall: NDArray[np.float64]
    reciprocal_rank: NDArray[np.float64]  # 0 beyond LENGTH
    first: Ints  # place of the first answer, from 1; DEPTH + 1 where it is further down
    lists: list[Ints]

    @property
    def metrics(self) -> dict[str, float]:
        return {
            f"ndcg_at_{LENGTH}": float(self.ndcg.mean()),
            f"recall_at_{LENGTH}": float(self.recall.mean()),
            f"mrr_at_{LENGTH}": float(self.reciprocal_rank.mean()),
            "hit_rate_at_1": float((self.first == 1).mean()),
        }


@dataclass(frozen=True, slots=True)
class Search:
    """A way to search, and how well it does."""

    name: str
    evaluation: Evaluation


class Vectors(NamedTuple):
    """A row per query that is judged, and a row per passage."""

    queries: Floats
    passages: Floats


def evaluate_vectors(vectors: Vectors, relevant: Sequence[Sequence[int]]) -> Evaluation:
    """By the product of vectors: their cosine, where they have length 1."""
    return evaluate(lambda some: vectors.queries[some] @ vectors.passages.T, relevant)


def evaluate(scores: Scores, relevant: Sequence[Sequence[int]]) -> Evaluation:
    """
    Args:
        relevant: Of each query, the passages that answer it.
    """
    lists: list[Ints] = []
    for start in range(0, len(relevant), BLOCK):
        lists += map(_best, scores(slice(start, start + BLOCK)))
    rows = [_measure(best, wanted) for best, wanted in zip(lists, relevant, strict=True)]
    ndcg, recall, reciprocal_rank, first = np.array(rows).T
    return Evaluation(ndcg, recall, reciprocal_rank, first.astype(np.int64), lists)


def _best(scores: Floats) -> Ints:
    """The passages with the highest scores, the best first."""
    depth = min(DEPTH, len(scores))
    candidates = np.argpartition(-scores, depth - 1)[:depth]
    return np.asarray(candidates[np.argsort(-scores[candidates], kind="stable")], dtype=np.int64)


def _measure(best: Ints, wanted: Sequence[int]) -> tuple[float, float, float, int]:
    """NDCG, recall, reciprocal rank and place of the first answer of one list."""
    places = np.flatnonzero(np.isin(best, wanted)) + 1  # from 1
    first = int(places[0]) if len(places) else DEPTH + 1
    near = places[places <= LENGTH]
    ideal = (1 / np.log2(np.arange(min(len(wanted), LENGTH)) + 2)).sum()
    return (
        float((1 / np.log2(near + 1)).sum() / ideal),
        len(near) / len(wanted),
        1 / first if first <= LENGTH else 0.0,
        first,
    )
