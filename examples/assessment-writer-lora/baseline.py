"""What a trained model has to beat: the base model as it came, and guessing by frequency."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from encoding import IGNORED, Row

NAME = "the base model, untouched"
FREQUENCY = "guessing each token by its frequency"


def frequency_losses(
    train: Sequence[Row], validation: Sequence[Row], vocabulary: int
) -> NDArray[np.float64]:
    """Of each validation row the sum of its tokens' losses, if each were guessed by how often it
    occurs in the training answers; unseen ones count half an occurrence."""
    counts = np.full(vocabulary, 0.5)
    for row in train:
        np.add.at(counts, _learnt(row), 1)
    losses = -np.log(counts / counts.sum())
    return np.array([losses[_learnt(row)].sum() for row in validation])


def _learnt(row: Row) -> list[int]:
    return [label for label in row["labels"] if label != IGNORED]
