"""A table as models compute with it: a matrix of the rows, and what is to be learnt of each."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Table:
    matrix: Matrix
    target: Floats  # numbers of the classes, or scaled numbers
    classes: int  # 0 in a regression
    weights: Floats  # how much each row counts

    def pick(self, rows: NDArray[np.intp]) -> "Table":
        return Table(self.matrix[rows], self.target[rows], self.classes, self.weights[rows])


def weigh(target: Floats, classes: int, class_weights: bool) -> Floats:
    """1 for each row; or less the more rows its class has, with a mean of 1 all the same."""
    if not (classes and class_weights):
        return np.ones(len(target))
    counts = np.bincount(target.astype(int), minlength=classes)
    weights: Floats = (len(target) / np.count_nonzero(counts) / counts.clip(1))[target.astype(int)]
    return weights
