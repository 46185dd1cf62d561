"""Fits a Prophet to each series; the backtest fits one for each of its forecasts."""

from datetime import timedelta

from config import Config
from core.run import Run
from data import Dataset
from model import Options, Prophets
from singly import fit_each

IN_PARALLEL = False  # several processes


def fit_early(config: Config, dataset: Dataset, run: Run) -> Prophets:
    """What the backtest judges: it knows no series, so it fits to what each forecast may know."""
    grid, season = dataset.grid, dataset.plan.season
    length = grid.time(season) - grid.time(0)
    is_known = season == grid.frequency.season
    options = Options(
        config.trend_changes,
        config.season_strength,
        config.seasons,
        config.draws,
        config.most_values,
        None if is_known else (length / timedelta(days=1) if season > 1 else 0.0),
    )
    return Prophets(grid, config.least_history(season, dataset.plan.horizon), options, {})


def fit_finally(early: Prophets, config: Config, dataset: Dataset, run: Run) -> None:
    """Save what is served: a model of all values of each series."""
    fitted = fit_each(early.fit, dataset, run, is_final=True)
    Prophets(early.grid, early.least, early.options, fitted).save(run.folder)
