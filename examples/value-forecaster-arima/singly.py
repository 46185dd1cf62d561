"""Fits one model to each series."""

from collections.abc import Callable
from typing import TypeVar

import numpy as np
from tqdm import tqdm

from backtest import History
from core.run import Run
from data import Dataset

Fitted = TypeVar("Fitted")


def fit_each(
    fit: Callable[[History], Fitted], dataset: Dataset, run: Run, *, is_final: bool
) -> dict[str, Fitted]:
    """By the name of the series.

    Args:
        is_final: Fit to all values, not only to those before the backtest.

    Raises:
        Stopped: A signal came or the time is up.
    """
    fitted = {}
    for series in tqdm(dataset.series, desc="last fit" if is_final else "fit", unit="series"):
        run.stop_if_asked()
        values = series.values if is_final else series.values[: series.known]
        fitted[series.name] = fit(History(series.name, series.start, np.array(values)))
    return fitted
