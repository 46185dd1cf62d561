"""Which answers a model prefers, from what it says of both: the same for whatever it says."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.comparison import Measure

Floats = NDArray[np.float64]

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


def strongest(baselines: Sequence[Baseline]) -> Baseline:
    return max(baselines, key=lambda baseline: float(baseline.wins.mean()))
