"""What a model has to beat: itself before the training, and simply the longer answer."""

from collections.abc import Sequence

import numpy as np

from checks import Pair, characters
from preferences import Baseline, Floats, wins


def compare_lengths(pairs: Sequence[Pair]) -> Baseline:
    ahead = [characters(pair.chosen) - characters(pair.rejected) for pair in pairs]
    return Baseline("the longer answer wins", wins(np.array(ahead, dtype=np.float64)))


def before_training(margins: Floats) -> Baseline:
    """
    Args:
        margins: How far the base model puts the chosen answer ahead in each pair.
    """
    return Baseline("the base model before the training", wins(margins))
