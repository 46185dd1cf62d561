"""The examples of a network: what came before and what came then, from every place of a series."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from backtest import Floats, naive_error
from data import Dataset
from scaling import scale_of

VALIDATION_SHARE = 0.15  # of what is known before the backtest, for early stopping

Singles = NDArray[np.float32]


class Example(NamedTuple):
    context: Singles  # scaled
    target: Singles  # in the same units
    unit: float  # of these units, in errors of the seasonal naive forecast


@dataclass(frozen=True, slots=True)
class Part:
    """Places of a series from which an example looks ahead."""

    values: Floats
    origins: range
    naive_error: float


class Examples(Sequence[Example]):
    def __init__(self, parts: Iterable[Part], context: int, horizon: int) -> None:
        self.parts = list(parts)
        self.context = context
        self.horizon = horizon
        self._ends = np.cumsum([len(part.origins) for part in self.parts])

    def __len__(self) -> int:
        return int(self._ends[-1])

    def __getitem__(self, number: int) -> Example:  # type: ignore[override]  # no slices
        at = int(np.searchsorted(self._ends, number, side="right"))
        part = self.parts[at]
        origin = part.origins[number - int(self._ends[at])]  # from the end of the part
        context = part.values[origin - self.context : origin]
        center, spread = scale_of(context)
        target = part.values[origin : origin + self.horizon]
        return Example(
            ((context - center) / spread).astype(np.float32),
            ((target - center) / spread).astype(np.float32),
            spread / part.naive_error,
        )


def make_examples(dataset: Dataset, context: int) -> tuple[Examples, Examples]:
    """To train on and to stop early by; nothing of the backtest is in them, and nothing that is
    asked for in one is asked for in the other."""
    plan = dataset.plan
    train, validation = [], []
    for series in dataset.series:
        values = np.array(series.values[: series.known])
        most = len(values) - context - plan.horizon  # so that one example is left to train on
        share = min(most, max(plan.horizon, round(len(values) * VALIDATION_SHARE)))
        border = len(values) - share
        error = naive_error(values, plan.season)
        train.append(Part(values, range(context, border - plan.horizon + 1), error))
        last = len(values) - plan.horizon + 1
        validation.append(Part(values, range(border, last), error))
    return (
        Examples(train, context, plan.horizon),
        Examples(validation, context, plan.horizon),
    )
