"""A matrix of few values, row after row, with what a server asks of it: numpy alone."""

from collections.abc import Mapping
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class SparseRow(NamedTuple):
    columns: Ints
    values: Floats


class SparseRows:
    """Row `r` has `values[starts[r]:starts[r + 1]]` in the same part of `columns`."""

    def __init__(self, starts: Ints, columns: Ints, values: Floats, width: int) -> None:
        self.starts = starts
        self.columns = columns
        self.values = values
        self.width = width

    @classmethod
    def of(cls, rows: Ints, columns: Ints, values: Floats, shape: tuple[int, int]) -> Self:
        """From the place of each value; a row keeps the order in which its values come."""
        order = np.argsort(rows, kind="stable")
        lengths = np.bincount(rows, minlength=shape[0])
        starts = np.concatenate([[0], np.cumsum(lengths)])
        return cls(starts, columns[order], values[order], shape[1])

    def __len__(self) -> int:
        return len(self.starts) - 1

    def row(self, number: int) -> SparseRow:
        part = slice(self.starts[number], self.starts[number + 1])
        return SparseRow(self.columns[part], self.values[part])

    def places(self, rows: Ints) -> tuple[Ints, Ints]:
        """Where the values of these rows stand, and which place in `rows` each is of."""
        lengths = self.starts[rows + 1] - self.starts[rows]
        owners = np.repeat(np.arange(len(rows)), lengths)
        before = np.cumsum(lengths) - lengths
        return np.arange(len(owners)) + (self.starts[rows] - before)[owners], owners

    def combine(self, rows: Ints, weights: Floats) -> Floats:
        """The sum of these rows, each times its weight; all columns of it."""
        places, owners = self.places(rows)
        values = self.values[places] * weights[owners]
        sums = np.bincount(self.columns[places], weights=values, minlength=self.width)
        return np.asarray(sums, dtype=np.float64)

    @property
    def rows(self) -> Ints:
        """The row of each value."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    @property
    def lengths(self) -> Floats:
        """Of each row, as a vector."""
        squares = np.bincount(self.rows, weights=self.values**2, minlength=len(self))
        return np.sqrt(squares, dtype=np.float64)

    def transposed(self) -> "SparseRows":
        return SparseRows.of(self.columns, self.rows, self.values, (self.width, len(self)))

    def to_tensors(self, name: str) -> dict[str, NDArray[np.generic]]:
        """For a safetensors file, under names that begin with `name`."""
        return {
            f"{name}.starts": self.starts.astype(np.int64),
            f"{name}.columns": self.columns.astype(np.int32),
            f"{name}.values": self.values.astype(np.float32),
        }

    @classmethod
    def from_tensors(
        cls, tensors: Mapping[str, NDArray[np.generic]], name: str, width: int
    ) -> Self:
        return cls(
            tensors[f"{name}.starts"].astype(np.int64),
            tensors[f"{name}.columns"].astype(np.int64),
            tensors[f"{name}.values"].astype(np.float64),
            width,
        )
