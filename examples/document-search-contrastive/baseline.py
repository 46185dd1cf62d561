"""Keyword search (BM25): needs no learning, and is what many a search is built on."""

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_array

from evaluation import Floats

NAME = "BM25 keyword search"
SATURATION = 1.2  # k1: how soon a word that is said again counts no more
LENGTH_PENALTY = 0.75  # b: how much a long passage is held against itself
WORD = re.compile(r"\w+")


class KeywordSearch:
    """Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond (2009)."""

    def __init__(self, passages: Sequence[str]) -> None:
        counts = [Counter(words(passage)) for passage in passages]
        self._places = {word: at for at, word in enumerate(sorted(set().union(*counts)))}
        lengths = np.array([sum(found.values()) for found in counts])
        penalty = 1 - LENGTH_PENALTY + LENGTH_PENALTY * lengths / max(lengths.mean(), 1)
        frequencies = self._matrix(counts)
        appearances = np.bincount(frequencies.indices, minlength=len(self._places))
        rarity = np.log1p((len(passages) - appearances + 0.5) / (appearances + 0.5))
        rows = np.repeat(np.arange(len(passages)), np.diff(frequencies.indptr))
        said = frequencies.data
        weights = said * (SATURATION + 1) / (said + SATURATION * penalty[rows])
        frequencies.data = (weights * rarity[frequencies.indices]).astype(np.float32)
        self._weights = frequencies

    def score(self, queries: Sequence[str]) -> Floats:
        """A row per query, a column per passage."""
        asked = self._matrix([Counter(words(query)) for query in queries])
        scores: Floats = (asked @ self._weights.T).toarray()
        return scores

    def _matrix(self, counts: Sequence[Counter[str]]) -> csr_array:
        """A row per text, a column per word that the passages have."""
        known = [[word for word in found if word in self._places] for found in counts]
        columns = [self._places[word] for row in known for word in row]
        values = [found[word] for found, row in zip(counts, known, strict=True) for word in row]
        ends = np.cumsum([0, *map(len, known)])
        shape = (len(counts), len(self._places))
        return csr_array((np.array(values, np.float32), np.array(columns, np.int64), ends), shape)


def words(text: str) -> list[str]:
    return WORD.findall(text.casefold())
