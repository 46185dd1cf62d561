"""Trains one network on all series, up to the backtest."""

from calibration import calibrate
from config import Config
from core.fit import fit
from core.run import Run
from data import Dataset
from examples import make_examples
from export import export_network, require_same
from learner import Learner
from model import FILE, Network, load_model

IN_PARALLEL = True  # several processes
COMPARED = 20  # examples whose quantiles in ONNX are held against those in torch


def fit_early(config: Config, dataset: Dataset, run: Run) -> Network:
    plan = dataset.plan
    context = config.look_back(plan.season, plan.horizon)
    train, validation = make_examples(dataset, context)
    learner = Learner(config, context, plan)
    network = fit(learner, train, validation, config, run)
    places = range(len(validation))
    batches = [
        learner.collate([validation[n] for n in places[first : first + config.batch]])
        for first in places[:: config.batch]
    ]
    calibrated = calibrate(network, batches)
    export_network(calibrated, context, run.folder / FILE)
    served = load_model(run.folder)
    require_same(calibrated, served.session, batches[0].context[:COMPARED])
    return served


def fit_finally(early: Network, config: Config, dataset: Dataset, run: Run) -> None:
    """Nothing is left to do: the network was saved, and forecasts from the newest values."""
