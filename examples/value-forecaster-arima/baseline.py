"""The value a season before: needs no learning, and what any model has to beat."""

from statistics import NormalDist

import numpy as np

from backtest import QUANTILES, Floats, History

SPREADS = np.array([NormalDist().inv_cdf(quantile) for quantile in QUANTILES])


class SeasonalNaive:
    def __init__(self, season: int) -> None:
        self.season = season
        self.least = season + 1
        self.name = "the value a season before" if season > 1 else "the value just before"

    def forecast(self, history: History, horizon: int) -> Floats:
        """Its errors grow with the root of the seasons ahead, as those of a random walk do."""
        values, season = history.values, self.season
        steps = np.arange(horizon)
        last = values[len(values) - season + steps % season]
        error = np.sqrt(np.mean((values[season:] - values[:-season]) ** 2))
        return np.asarray(last[:, None] + error * np.sqrt(steps // season + 1)[:, None] * SPREADS)
