"""Judges a model by what each validation row, user or query scored, beside a baseline on the same ones.

verdict = judge_rows(Measure("NDCG@10"), ours, theirs, "most popular items", "users", figures)
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.report import Figure, Mood, Verdict, say

RESAMPLES = 2000  # of the bootstrap
SEED = 0

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Measure:
    """What a row is judged by.

    A share, such as a recall, is compared by difference; an error by how much smaller it is.
    """

    name: str
    is_error: bool = False
    unit: str = ""  # of an error: "USD", "days"

    def show(self, value: float) -> str:
        shown = f"{value:,.4g}" if self.is_error else f"{value:.3f}"
        return f"{shown} {self.unit}".rstrip()

    def gain(self, ours: Floats, theirs: Floats) -> Floats:
        """Of means: above 0 where the model is better."""
        if not self.is_error:
            return ours - theirs
        return 1 - ours / np.maximum(theirs, np.finfo(np.float64).tiny)


def judge_rows(
    measure: Measure,
    ours: Floats,
    theirs: Floats,
    baseline_name: str,
    rows: str = "validation rows",
    figures: Sequence[Figure] = (),
) -> Verdict:
    """Whether the model beats the baseline beyond chance: a paired bootstrap over the rows.

    Args:
        ours, theirs: The measure of each row under the model and under the baseline, in the
            same order.
        rows: What a row is, in the plural.
    """
    low, middle, high = bootstrap(measure, ours, theirs)
    against = f"{measure.name} {measure.show(ours.mean())} against {measure.show(theirs.mean())}"
    of = f"{len(ours):,} {rows}"
    mood: Mood = "good" if low > 0 else "bad" if high < 0 else "unclear"
    better = int((ours < theirs if measure.is_error else ours > theirs).sum())
    different = int((ours != theirs).sum())
    return Verdict(
        mood=mood,
        sentence=say(mood, against, of),
        detail=(
            f"The baseline is {baseline_name}. The model is better on {better:,} of {of}, the"
            f" baseline on {different - better:,} (95 % interval by a paired bootstrap)."
        ),
        figures=figures,
        difference=(low, middle, high),
        difference_in=measure.name,
        is_relative=measure.is_error,
    )


def bootstrap(measure: Measure, ours: Floats, theirs: Floats) -> tuple[float, float, float]:
    """Low end, middle and high end of the gain, with 95 %."""
    random = np.random.default_rng(SEED)
    means = np.empty((RESAMPLES, 2))
    for number in range(RESAMPLES):
        drawn = random.integers(0, len(ours), len(ours))
        means[number] = ours[drawn].mean(), theirs[drawn].mean()
    low, high = np.quantile(measure.gain(means[:, 0], means[:, 1]), (0.025, 0.975))
    middle = measure.gain(np.array([ours.mean()]), np.array([theirs.mean()]))[0]
    return float(low), float(middle), float(high)


def compare(
    name: str, ours: float, theirs: float, *, is_error: bool = False, unit: str = ""
) -> Figure:
    """One headline number beside the baseline's."""
    measure = Measure(name, is_error, unit)
    better = None if ours == theirs else (ours < theirs) == is_error
    return Figure(name, measure.show(ours), measure.show(theirs), better)
