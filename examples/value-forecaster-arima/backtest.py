"""Forecasts the held-out end of each series from place after place, and measures the errors."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.run import Run
from data import Dataset
from series import Series

LEVELS = {"80": (1, 3), "95": (0, 4)}  # intervals in %, by the places of their ends in QUANTILES
QUANTILES = (0.025, 0.1, 0.5, 0.9, 0.975)
MEDIAN = 2  # its place

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class History:
    """The values of a series up to where a forecast begins."""

    name: str | None  # none where the model cannot know the series
    start: int  # period of the first value
    values: Floats

    def newest(self, most: int) -> "History":
        """At the most so many values."""
        extra = max(0, len(self.values) - most)
        return History(self.name, self.start + extra, self.values[extra:])


class Forecaster(Protocol):
    least: int  # values of a history

    def forecast(self, history: History, horizon: int) -> Floats:
        """A row of QUANTILES for each of the next periods."""


@dataclass(frozen=True, slots=True)
class Window:
    """One forecast of the backtest: the end of a series, seen from `origin`."""

    series: Series
    origin: int  # place in the series' values
    truth: Floats  # what came; no number where it was filled
    scale: float  # error of the seasonal naive forecast on the values before the backtest

    @property
    def history(self) -> History:
        values = np.array(self.series.values[: self.origin])
        return History(self.series.name, self.series.start, values)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Forecasts of all windows: windows x periods x QUANTILES, and how wrong they are."""

    windows: Sequence[Window]
    forecasts: Floats

    @property
    def truth(self) -> Floats:
        return np.array([window.truth for window in self.windows])

    @property
    def scaled_errors(self) -> Floats:
        """Absolute errors by window and period, over the scale of the series."""
        scales = np.array([[window.scale] for window in self.windows])
        return np.asarray(np.abs(self.forecasts[..., MEDIAN] - self.truth) / scales)

    @property
    def mase(self) -> Floats:
        """Of each window."""
        return np.asarray(np.nanmean(self.scaled_errors, axis=1))

    def covered(self, level: str) -> Floats:
        """1 where the interval has the truth, by window and period."""
        low, high = LEVELS[level]
        truth = self.truth
        inside = (self.forecasts[..., low] <= truth) & (truth <= self.forecasts[..., high])
        return np.where(np.isnan(truth), np.nan, inside)

    @property
    def metrics(self) -> dict[str, float]:
        median, truth = self.forecasts[..., MEDIAN], self.truth
        size = np.abs(median) + np.abs(truth)
        smape = 2 * np.abs(median - truth) / np.where(size == 0, 1, size)
        return {
            "mase": float(self.mase.mean()),
            "smape": float(np.nanmean(smape)),
            **{f"coverage_{level}": float(np.nanmean(self.covered(level))) for level in LEVELS},
        }


def backtest_windows(dataset: Dataset) -> list[Window]:
    """Each forecast that the backtest makes, for all models the same."""
    windows = []
    for series in dataset.series:
        values = np.array(series.values)
        scale = naive_error(values[: series.known], dataset.plan.season)
        measured = values.copy()
        measured[list(series.filled)] = np.nan
        for origin in series.origins(dataset.plan.horizon):
            truth = measured[origin : origin + dataset.plan.horizon]
            if not np.isnan(truth).all():
                windows.append(Window(series, origin, truth, scale))
    return windows


def naive_error(values: Floats, season: int) -> float:
    """Mean absolute error of taking the value a season before, or that just before where a
    series repeats itself exactly."""
    error = np.abs(values[season:] - values[:-season]).mean() if len(values) > season else 0.0
    return float(error or np.abs(np.diff(values)).mean())


def evaluate(model: Forecaster, windows: Sequence[Window], horizon: int, run: Run) -> Evaluation:
    """
    Raises:
        Stopped: A signal came or the time is up.
    """
    forecasts = []
    for window in windows:
        run.stop_if_asked()
        forecasts.append(model.forecast(window.history, horizon))
    return Evaluation(windows, np.array(forecasts))
