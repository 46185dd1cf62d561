"""Finds the orders of a seasonal ARIMA model: differences by tests, all else step by step.

Hyndman and Khandakar, Automatic Time Series Forecasting (2008).
"""

import math
import warnings
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from statsmodels.tsa.seasonal import STL
from statsmodels.tsa.statespace.sarimax import SARIMAX
from statsmodels.tsa.stattools import kpss

from backtest import Floats

LONGEST_LAG = 24  # a longer season is a sum of waves: as lags it would take minutes
WAVES = 3  # at the most
STRONG = 0.64  # strength of a season that is differenced away (Hyndman and Athanasopoulos)
SIGNIFICANT = 0.05  # of the test for a level that stays (KPSS)
ITERATIONS = 50  # of the optimizer

# Of models that do not fit, which the search passes over.
warnings.filterwarnings("ignore", module="statsmodels")
warnings.filterwarnings("ignore", module="scipy.optimize")

Criterion = Literal["aicc", "bic"]


@dataclass(frozen=True, slots=True)
class Orders:
    p: int = 0  # values before
    d: int = 0  # differences
    q: int = 0  # errors before
    P: int = 0  # the same, in seasons
    D: int = 0
    Q: int = 0
    is_log: bool = False

    def model(self, values: Floats, start: int, season: int, **options: Any) -> SARIMAX:
        """
        Args:
            start: Period of the first value.
        """
        has_lags = 1 < season <= LONGEST_LAG
        return SARIMAX(
            np.log(values) if self.is_log else values,
            exog=waves(start, len(values), season),
            order=(self.p, self.d, self.q),
            seasonal_order=(self.P, self.D, self.Q, season) if has_lags else (0, 0, 0, 0),
            trend="c" if self.d + self.D < 2 else "n",  # a mean, or a drift
            concentrate_scale=True,
            **options,
        )

    def fit(self, values: Floats, start: int, season: int) -> Any:
        """The parameters and how well they fit, on the differences, which is fast."""
        model = self.model(values, start, season, simple_differencing=True)
        return model.fit(disp=False, maxiter=ITERATIONS)

    def neighbours(self, most: int, is_seasonal: bool) -> list["Orders"]:
        """One lag more or less of one kind, or of both kinds at once."""
        steps = [("p",), ("q",), ("p", "q")]
        steps += [("P",), ("Q",), ("P", "Q")] if is_seasonal else []
        found = []
        for names in steps:
            for change in (-1, 1):
                orders = {name: getattr(self, name) + change for name in names}
                if all(0 <= orders[n] <= (1 if n in "PQ" else most) for n in names):
                    found.append(replace(self, **orders))
        return found


class Search:
    """Looks for the orders that explain the values of one series best for their number.

    Args:
        start: Period of the first value.
        most: Lags of a kind, at the most.
    """

    def __init__(
        self, values: Floats, start: int, season: int, most: int, criterion: Criterion
    ) -> None:
        self.values = values
        self.start = start
        self.season = season
        self.most = most
        self.criterion = criterion
        self.is_seasonal = 1 < season <= LONGEST_LAG
        self._scores: dict[Orders, float] = {}

    def run(self, is_log: bool | None) -> Orders:
        """
        Args:
            is_log: Of logarithms; none tries both.
        """
        can_log = bool((self.values > 0).all())
        tried = [False, True] if is_log is None and can_log else [bool(is_log and can_log)]
        return min(map(self._climb, tried), key=self._score)

    def _climb(self, is_log: bool) -> Orders:
        base = self._difference(is_log)
        most, seasonal = self.most, int(self.is_seasonal)
        starts = [
            replace(base, p=min(p, most), q=min(q, most), P=P * seasonal, Q=Q * seasonal)
            for p, q, P, Q in ((0, 0, 0, 0), (1, 0, 1, 0), (0, 1, 0, 1), (2, 2, 1, 1))
        ]
        best = min(starts, key=self._score)
        while True:
            around = best.neighbours(most, self.is_seasonal)
            better = min(around, key=self._score, default=best)
            if self._score(better) >= self._score(best):
                return best
            best = better

    def _difference(self, is_log: bool) -> Orders:
        """As many differences as it takes until the series has a level that stays."""
        left = np.log(self.values) if is_log else self.values
        D = int(self.is_seasonal and _seasonal_strength(left, self.season) > STRONG)
        if D:
            left = left[self.season :] - left[: -self.season]
        d = 0
        while d + D < 2 and np.ptp(left) and _moves(left):
            left = np.diff(left)
            d += 1
        return Orders(d=d, D=D, is_log=is_log)

    def _score(self, orders: Orders) -> float:
        """The criterion for each value that is explained: differences cost some."""
        if orders not in self._scores:
            self._scores[orders] = self._measure(orders)
        return self._scores[orders]

    def _measure(self, orders: Orders) -> float:
        try:
            results = orders.fit(self.values, self.start, self.season)
        except (np.linalg.LinAlgError, ValueError):  # no such model of these values
            return math.inf
        explained = int(results.nobs)
        score = float(getattr(results, self.criterion))
        if orders.is_log:  # the likelihood of the values, not of their logarithms
            score += 2 * float(np.log(self.values[-explained:]).sum())
        return score / explained if math.isfinite(score) else math.inf


def waves(start: int, length: int, season: int) -> Floats | None:
    """Sines and cosines of a season that is too long for lags."""
    if season <= LONGEST_LAG:
        return None
    turns = 2 * np.pi * (start + np.arange(length)) / season
    return np.column_stack([f(n * turns) for n in range(1, WAVES + 1) for f in (np.sin, np.cos)])


def _moves(values: Floats) -> bool:
    """Whether the level of the series does not stay, by the test of Kwiatkowski and others."""
    with warnings.catch_warnings(action="ignore"):  # a probability outside of its table
        return bool(kpss(values, nlags="auto")[1] < SIGNIFICANT)


def _seasonal_strength(values: Floats, season: int) -> float:
    """How much of the ups and downs around the trend the season explains, from 0 to 1."""
    parts = STL(values, season).fit()
    rest = np.var(parts.resid)
    around = np.var(parts.resid + parts.seasonal)
    return max(0.0, 1 - float(rest / around)) if around else 0.0
