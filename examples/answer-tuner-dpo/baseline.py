"""What a tuned model has to beat: the model before the training, and simply the longer answer."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from checks import Pair, characters
from core.comparison import Measure

Floats = NDArray[np.float64]

BASE_MODEL = "the base model before the training"
LONGER = "the longer answer wins"
MEASURE = Measure("Pairwise accuracy")


class Baseline(NamedTuple):
    name: str
    wins: Floats  # of each pair: 1 where the chosen answer wins, 0.5 where neither does


def margins(values: Floats) -> Floats:
    """How far the chosen answer is ahead of the rejected one, a value per row of two."""
    return np.asarray(values[:, 0] - values[:, 1])


def wins(margins: Floats) -> Floats:
    """From how far the chosen answer is ahead in each pair."""
    return (np.sign(margins) + 1) / 2


def compare_lengths(pairs: Sequence[Pair]) -> Baseline:
    ahead = [characters(pair.chosen) - characters(pair.rejected) for pair in pairs]
    return Baseline(LONGER, wins(np.array(ahead, dtype=np.float64)))


def strongest(baselines: Sequence[Baseline]) -> Baseline:
    return max(baselines, key=lambda baseline: float(baseline.wins.mean()))
