"""What any model has to beat: the best of three simple ways to answer, by the training rows."""

import random
import re
from collections.abc import Callable, Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from evaluation import score_chrf
from split import Example

DRAWN = 200  # training rows by which the way is chosen
KNOWN = 20_000  # training rows at the most that are looked through for a similar source
AT_A_TIME = 256  # sources
END = re.compile(r"(?<=[.!?])\s|(?<=[\u3002\uff01\uff1f])")  # of a sentence, in Chinese too

Answers = Callable[[Sequence[str]], list[str]]


def copy_source(sources: Sequence[str]) -> list[str]:
    return list(sources)


def take_first_sentence(sources: Sequence[str]) -> list[str]:
    return [END.split(source, maxsplit=1)[0] for source in sources]


class Nearest:
    """The target of the training row whose source has most in common (TF-IDF of characters)."""

    def __init__(self, known: Sequence[Example]) -> None:
        self.features = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(3, 4), sublinear_tf=True, dtype=np.float32
        )
        self.sources = self.features.fit_transform([example.source for example in known])
        self.targets = [example.target for example in known]

    def __call__(self, sources: Sequence[str]) -> list[str]:
        answers = []
        for start in range(0, len(sources), AT_A_TIME):
            asked = self.features.transform(sources[start : start + AT_A_TIME])
            nearest = (asked @ self.sources.T).toarray().argmax(axis=1)
            answers += [self.targets[row] for row in nearest.tolist()]
        return answers


def choose_baseline(train: Sequence[Example], seed: int) -> tuple[str, Answers]:
    """Its name, and what answers: the way with the best chrF on training rows that it has not seen."""
    rows = random.Random(seed).sample(train, min(len(train), KNOWN))
    drawn = rows[: min(DRAWN, len(rows) // 3)]
    ways: dict[str, Answers] = {
        "the source itself": copy_source,
        "the first sentence of the source": take_first_sentence,
        "the target of the most similar source": Nearest(rows[len(drawn) :]),
    }
    sources = [example.source for example in drawn]

    def judge(name: str) -> float:
        answers = ways[name](sources)
        return sum(score_chrf(a, e.target) for a, e in zip(answers, drawn, strict=True))

    best = max(ways, key=judge)
    return best, Nearest(rows) if isinstance(ways[best], Nearest) else ways[best]
