"""Logistic regression; where the target is a number, ridge regression, its counterpart for numbers."""

from sklearn.base import BaseEstimator

from config import Config
from core.run import Run
from estimators import fit_linear
from table import Table


def fit(config: Config, table: Table, run: Run) -> BaseEstimator:
    if not table.classes:
        run.warn("Logistic regression tells classes only: for this number it is ridge regression.")
    return fit_linear(table, config.inverse_regularization)
