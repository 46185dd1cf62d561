"""Train on series over time: data in, artifact out."""

from pathlib import Path

from archive import save_archive
from backtest import backtest_windows, evaluate
from baseline import SeasonalNaive
from config import ALGORITHM, Config
from core.run import Run
from data import load_dataset
from forecaster import publish_forecaster
from training import IN_PARALLEL, fit_early, fit_finally


def train(config: Config, run: Run) -> Path:
    dataset = load_dataset(config)
    run.start(dataset.fingerprint, in_parallel=IN_PARALLEL)
    windows, horizon = backtest_windows(dataset), dataset.plan.horizon
    naive = SeasonalNaive(dataset.plan.season)
    baseline = evaluate(naive, windows, horizon, run)
    run.event("baseline", name=naive.name, **baseline.metrics)

    early = fit_early(config, dataset, run)
    found = evaluate(early, windows, horizon, run)
    fit_finally(early, config, dataset, run)
    save_archive(run.folder, dataset.grid, dataset.plan, dataset.series)
    return publish_forecaster(run, ALGORITHM, dataset, found, baseline, naive.name)
