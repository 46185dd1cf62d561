"""What is served: a Prophet model for each series, as JSON."""

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from typing import Literal

import numpy as np
import pandas as pd

from archive import Archive
from backtest import QUANTILES, Floats, History
from frequency import Grid

logging.getLogger("prophet.plot").setLevel(logging.CRITICAL)  # as it is imported: it misses plotly

from prophet import Prophet
from prophet.serialize import model_from_dict, model_to_dict

logging.getLogger("cmdstanpy").setLevel(logging.WARNING)

FILE = "prophet.json"
WAVES = 3  # of a season that Prophet does not know by itself


@dataclass(frozen=True, slots=True)
class Options:
    """What each of the models is told."""

    trend_changes: float
    season_strength: float
    seasons: Literal["additive", "multiplicative"]
    draws: int
    most_values: int
    season_days: float | None  # length of the season; none finds days, weeks and years


class Prophets:
    """
    Args:
        least: Values that a history has to have.
        fitted: By the name of the series: models of the histories that they hold.
    """

    def __init__(
        self, grid: Grid, least: int, options: Options, fitted: Mapping[str, Prophet]
    ) -> None:
        self.grid = grid
        self.least = least
        self.options = options
        self.fitted = fitted
        self._drawing = Lock()

    def forecast(self, history: History, horizon: int) -> Floats:
        """Takes a new fit, tenths of a second, where the history is not that of the training."""
        newest = history.newest(self.options.most_values)
        model = self.fitted.get(history.name) if history.name is not None else None
        if model is None or not _was_fitted_to(model, newest):
            model = self.fit(newest)
        end = newest.start + len(newest.values)
        ahead = pd.DataFrame({"ds": self._times(end, horizon)})
        with self._drawing:  # from the one generator of NumPy, so that each request draws the same
            np.random.seed(0)
            draws = model.predictive_samples(ahead)["yhat"]
        return np.asarray(np.quantile(draws, QUANTILES, axis=1).T)

    def fit(self, history: History) -> Prophet:
        options = self.options
        finds_seasons: Literal["auto"] | int = "auto" if options.season_days is None else 0
        model = Prophet(
            changepoint_prior_scale=options.trend_changes,
            seasonality_prior_scale=options.season_strength,
            seasonality_mode=options.seasons,
            uncertainty_samples=options.draws,
            yearly_seasonality=finds_seasons,
            weekly_seasonality=finds_seasons,
            daily_seasonality=finds_seasons,
        )
        if options.season_days:
            model.add_seasonality("season", options.season_days, WAVES)
        newest = history.newest(options.most_values)
        times = self._times(newest.start, len(newest.values))
        return model.fit(pd.DataFrame({"ds": times, "y": newest.values}))

    def save(self, folder: Path) -> None:
        content = {
            "least": self.least,
            "options": asdict(self.options),
            "series": {name: model_to_dict(model) for name, model in self.fitted.items()},
        }
        (folder / FILE).write_text(json.dumps(content), encoding="utf-8")

    def _times(self, start: int, number: int) -> list[pd.Timestamp]:
        return [pd.Timestamp(self.grid.time(start + step)) for step in range(number)]


def load_model(folder: Path, archive: Archive) -> Prophets:
    content = json.loads((folder / FILE).read_text("utf-8"))
    fitted = {name: model_from_dict(one) for name, one in content["series"].items()}
    return Prophets(archive.grid, content["least"], Options(**content["options"]), fitted)


def _was_fitted_to(model: Prophet, history: History) -> bool:
    return model.history is not None and np.array_equal(model.history["y"], history.values)
