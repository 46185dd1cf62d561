"""Queries and passages as numbers, and which passages answer which query."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from data import Dataset, Pair


@dataclass(frozen=True, slots=True)
class Corpus:
    """All passages of the data, the validation part's too: what is searched in practice."""

    queries: list[str]
    passages: list[str]  # in alphabetical order: what scores alike is in no order of worth
    relevant: list[list[int]]  # of each query, the passages that answer it

    @classmethod
    def of(cls, dataset: Dataset) -> "Corpus":
        pairs = dataset.train + dataset.validation
        queries = list(dict.fromkeys(pair.query for pair in pairs))
        negatives = {pair.negative for pair in pairs if pair.negative is not None}
        passages = sorted({pair.passage for pair in pairs} | negatives)
        at = {passage: number for number, passage in enumerate(passages)}
        answers: dict[str, set[int]] = {query: set() for query in queries}
        for pair in pairs:
            answers[pair.query].add(at[pair.passage])
        return cls(queries, passages, [sorted(answers[query]) for query in queries])

    def numbers(self, pairs: Sequence[Pair]) -> list["Numbers"]:
        queries = {text: number for number, text in enumerate(self.queries)}
        passages = {text: number for number, text in enumerate(self.passages)}
        return [
            Numbers(
                queries[pair.query],
                passages[pair.passage],
                None if pair.negative is None else passages[pair.negative],
            )
            for pair in pairs
        ]

    def judged(self, pairs: Iterable["Numbers"]) -> "Judged":
        queries = list(dict.fromkeys(pair.query for pair in pairs))
        return Judged(queries, [self.relevant[number] for number in queries])

    def part(self, queries: Iterable[int], passages: int, seed: int) -> list[int]:
        """Passages, at the most so many beside those that answer these queries."""
        wanted = {number for query in queries for number in self.relevant[query]}
        others = [number for number in range(len(self.passages)) if number not in wanted]
        drawn = np.random.default_rng(seed).permutation(others)[:passages].tolist()
        return sorted([*wanted, *drawn])


@dataclass(frozen=True, slots=True)
class Numbers:
    """A pair of the data, by the numbers of its texts."""

    query: int
    passage: int
    negative: int | None


@dataclass(frozen=True, slots=True)
class Judged:
    """Queries that a search is judged by, and of each the passages that answer it."""

    queries: list[int]
    relevant: list[list[int]]
