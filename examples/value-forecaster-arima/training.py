"""Finds the orders of each series on what is known before the backtest, and fits the parameters."""

from backtest import History
from config import Config
from core.run import Run
from data import Dataset
from model import Arima, Fitted
from orders import Search
from singly import fit_each

IN_PARALLEL = False  # several processes


def fit_early(config: Config, dataset: Dataset, run: Run) -> Arima:
    """The model that the backtest judges."""
    season = dataset.plan.season

    def fit(history: History) -> Fitted:
        newest = history.newest(config.most_values)
        search = Search(newest.values, newest.start, season, config.most_lags, config.criterion)
        return Fitted.of(search.run(config.log), newest, season)

    return Arima(season, config.most_values, fit_each(fit, dataset, run, is_final=False))


def fit_finally(early: Arima, config: Config, dataset: Dataset, run: Run) -> None:
    """Save what is served: the same orders, and parameters of all values."""

    def fit(history: History) -> Fitted:
        orders = early.fitted[str(history.name)].orders
        return Fitted.of(orders, history.newest(config.most_values), early.season)

    fitted = fit_each(fit, dataset, run, is_final=True)
    Arima(early.season, config.most_values, fitted).save(run.folder)
