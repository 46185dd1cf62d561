"""Pairs of source and target, and how they are split: a source is on one side only."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from core.dataset import VALIDATION_SHARE
from core.errors import DataError, DataProblem

LEAST = 4  # different sources, of which one or more are set apart


@dataclass(frozen=True, slots=True)
class Example:
    source: str
    target: str
    file: str
    number: int

    @property
    def place(self) -> str:
        return f"{self.file}, row {self.number}"


# The examples of each source, where sources that differ in spacing only are the same.
Texts = dict[str, list[Example]]


def flatten(texts: Texts) -> list[Example]:
    return [example for examples in texts.values() for example in examples]


def find_leaks(train: Texts, validation: Texts) -> list[DataProblem]:
    return [
        DataProblem(
            examples[0].file,
            f"the source is in the training data too, {train[key][0].place}; delete one of them.",
            examples[0].number,
        )
        for key, examples in validation.items()
        if key in train
    ]


def split(source: str, texts: Texts, seed: int) -> tuple[list[Example], list[Example]]:
    """Training and validation part.

    Raises:
        DataError: There is too little to set some apart.
    """
    if len(texts) < LEAST:
        message = f"{len(texts)} different sources are too few to set some apart; add rows."
        raise DataError(DataProblem(source, message))
    groups = random.Random(seed).sample([*texts.values()], len(texts))
    kept = len(groups) - max(1, round(len(groups) * VALIDATION_SHARE))
    sides = groups[:kept], groups[kept:]
    train, validation = ([e for group in side for e in group] for side in sides)
    return train, validation


def take_samples(
    train: Sequence[Example], validation: Sequence[Example], samples: int, seed: int
) -> tuple[list[Example], list[Example]]:
    """At the most so many of each."""
    drawn = [
        random.Random(seed).sample(side, min(samples, len(side))) for side in (train, validation)
    ]
    return drawn[0], drawn[1]
