"""Judges a model that answers with a number: its errors, its intervals, and whether it beats the baseline.

model = evaluate(truth, predicted)
verdict = judge(model, baseline, "the median of the training data")
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.comparison import Measure, compare, judge_rows
from core.report import Figure, Verdict

COVERAGE = 0.9  # share of the rows whose truth lies inside of the interval

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimation:
    """What a model said of each validation row, and how far that was off."""

    truth: Floats
    predicted: Floats
    mae: float  # mean absolute error
    rmse: float  # root of the mean squared error
    r2: float  # share of the variance that is explained; below 0 is worse than the mean

    @property
    def residuals(self) -> Floats:
        return self.truth - self.predicted

    @property
    def errors(self) -> Floats:
        return np.abs(self.residuals)


def evaluate(truth: Floats, predicted: Floats) -> Estimation:
    squares = (truth - predicted) ** 2
    spread = ((truth - truth.mean()) ** 2).mean()
    return Estimation(
        truth=truth,
        predicted=predicted,
        mae=float(np.abs(truth - predicted).mean()),
        rmse=float(np.sqrt(squares.mean())),
        r2=float(1 - squares.mean() / spread) if spread else 0.0,
    )


def evaluate_median(known: Floats, truth: Floats) -> Estimation:
    """The least baseline: whatever the input, the median of the training data."""
    return evaluate(truth, np.full(len(truth), np.median(known)))


def half_width(model: Estimation) -> float | None:
    """Half the width of an interval that holds the truth of `COVERAGE` of all rows.

    Split-conformal: it is the quantile of the errors on rows that the model has not learnt from,
    and holds for rows like those. None where they are too few to tell.
    """
    rank = math.ceil((len(model.errors) + 1) * COVERAGE)
    return float(np.sort(model.errors)[rank - 1]) if rank <= len(model.errors) else None


def to_metrics(model: Estimation) -> dict[str, float]:
    return {
        "r2": round(model.r2, 4),
        "mae": float(f"{model.mae:.5g}"),
        "rmse": float(f"{model.rmse:.5g}"),
    }


def judge(model: Estimation, baseline: Estimation, baseline_name: str) -> Verdict:
    measure = Measure("mean absolute error", is_error=True)
    figures = _figures(model, baseline)
    return judge_rows(
        measure, model.errors, baseline.errors, baseline_name, "validation rows", figures
    )


def _figures(model: Estimation, baseline: Estimation) -> list[Figure]:
    return [
        compare("Mean absolute error", model.mae, baseline.mae, is_error=True),
        compare("Root mean squared error", model.rmse, baseline.rmse, is_error=True),
        compare("R²", model.r2, baseline.r2),
    ]
