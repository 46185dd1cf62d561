"""Gradient-boosted trees: each corrects what the ones before it got wrong."""

from typing import Any

import numpy as np
import xgboost

from config import Config
from core.progress import Progress
from core.run import Run
from table import Table

HELD_OUT = 0.15  # share of the training rows that tells when to stop
TOLD = 100  # rounds, at the most
# What is minimised, and what tells when to stop; by the number of classes.
NUMBER = ("reg:squarederror", "mae")
TWO_CLASSES = ("binary:logistic", "logloss")
CLASSES = ("multi:softprob", "mlogloss")


def fit(config: Config, table: Table, run: Run) -> xgboost.Booster:
    """Finds on a part of the rows how many rounds are best, then learns that long from all."""
    rows = np.random.default_rng(config.seed).permutation(len(table.target))
    held_out = max(1, round(len(rows) * HELD_OUT))
    known, unseen = table.pick(rows[held_out:]), table.pick(rows[:held_out])
    parameters = _parameters(config, table.classes)
    tried = xgboost.train(
        parameters,
        _to_matrix(known),
        num_boost_round=config.rounds,
        evals=[(_to_matrix(known), "known"), (_to_matrix(unseen), "unseen")],
        callbacks=[
            xgboost.callback.EarlyStopping(rounds=config.patience),
            Watch(config, run, known, unseen),
        ],
        verbose_eval=False,
    )
    return xgboost.train(
        parameters,
        _to_matrix(table),
        num_boost_round=tried.best_iteration + 1,
        callbacks=[Stop(run)],
    )


def _parameters(config: Config, classes: int) -> dict[str, Any]:
    objective, metric = CLASSES if classes > 2 else TWO_CLASSES if classes else NUMBER
    return {
        "objective": objective,
        "eval_metric": metric,
        "eta": config.learning_rate,
        "max_depth": config.max_depth,
        "min_child_weight": config.min_child_weight,
        "subsample": config.subsample,
        "colsample_bytree": config.columns_per_tree,
        "lambda": config.regularization,
        "seed": config.seed,
        **({"num_class": classes} if classes > 2 else {}),
    }


def _to_matrix(table: Table) -> xgboost.DMatrix:
    return xgboost.DMatrix(table.matrix, table.target, weight=table.weights)


class Stop(xgboost.callback.TrainingCallback):
    """Lets the run end after any round."""

    def __init__(self, run: Run) -> None:
        self.run = run

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
        self.run.stop_if_asked()
        return False


class Watch(Stop):
    """Tells the run how it goes, besides."""

    def __init__(self, config: Config, run: Run, known: Table, unseen: Table) -> None:
        super().__init__(run)
        self.learning_rate = config.learning_rate
        self.progress = Progress(run, config.rounds, len(known.target))
        self.least = _least_loss(known, unseen)
        self.every = max(1, config.rounds // TOLD)

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
        if (epoch + 1) % self.every == 0:
            known, unseen = (next(iter(log.values()))[-1] for log in evals_log.values())
            self._tell(epoch + 1, known, unseen)
        return super().after_iteration(model, epoch, evals_log)

    def _tell(self, step: int, known: float, unseen: float) -> None:
        rate = self.learning_rate
        self.progress.tell(step, epoch=step, loss=round(known, 6), learning_rate=rate)
        skill = round(1 - unseen / self.least, 6)
        self.run.event("evaluation", step=step, metrics={"loss": round(unseen, 6), "skill": skill})


def _least_loss(known: Table, unseen: Table) -> float:
    """Of the same answer to every row: the median, or the shares of the classes."""
    if not known.classes:
        return float(np.abs(unseen.target - np.median(known.target)).mean())
    counts = np.bincount(known.target.astype(int), known.weights, known.classes) + 1
    losses = -np.log(counts / counts.sum())[unseen.target.astype(int)]
    return float(np.average(losses, weights=unseen.weights))
