"""What is served: a seasonal ARIMA model for each series, as numbers in JSON."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from archive import Archive
from backtest import Floats, History
from baseline import SPREADS
from orders import Orders, waves

FILE = "arima.json"


@dataclass(frozen=True, slots=True)
class Fitted:
    orders: Orders
    parameters: list[float]

    @classmethod
    def of(cls, orders: Orders, history: History, season: int) -> "Fitted":
        results = orders.fit(history.values, history.start, season)
        return cls(orders, np.asarray(results.params).tolist())


class Arima:
    """
    Args:
        season: Periods after which a pattern comes again.
        most_values: Of a history, the newest ones; more take long and tell little.
        fitted: By the name of the series.
    """

    def __init__(self, season: int, most_values: int, fitted: Mapping[str, Fitted]) -> None:
        self.season = season
        self.most_values = most_values
        self.fitted = fitted
        self.least = max(2 * season, 16)
        orders = Counter(replace(one.orders, is_log=False) for one in fitted.values())
        self.usual = orders.most_common(1)[0][0]

    def forecast(self, history: History, horizon: int) -> Floats:
        """A series that is not known gets a model of its own first, of the usual orders."""
        newest = history.newest(self.most_values)
        fitted = self.fitted.get(history.name) if history.name is not None else None
        if fitted is None or (fitted.orders.is_log and newest.values.min() <= 0):
            fitted = Fitted.of(self.usual, newest, self.season)
        model = fitted.orders.model(newest.values, newest.start, self.season)
        end = newest.start + len(newest.values)
        results = model.filter(fitted.parameters)
        ahead = results.get_forecast(horizon, exog=waves(end, horizon, self.season))
        rows = ahead.predicted_mean[:, None] + ahead.se_mean[:, None] * SPREADS
        return np.asarray(np.exp(rows) if fitted.orders.is_log else rows)

    def save(self, folder: Path) -> None:
        content = {
            "season": self.season,
            "most_values": self.most_values,
            "series": {name: asdict(fitted) for name, fitted in self.fitted.items()},
        }
        (folder / FILE).write_text(json.dumps(content, indent=1), encoding="utf-8")


def load_model(folder: Path, archive: Archive) -> Arima:
    content = json.loads((folder / FILE).read_text("utf-8"))
    fitted = {
        name: Fitted(Orders(**one["orders"]), one["parameters"])
        for name, one in content["series"].items()
    }
    return Arima(content["season"], content["most_values"], fitted)
