"""What scikit-learn gives: the linear model, and how its models are asked."""

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression, Ridge

from table import Floats, Matrix, Table

STEPS = 2000  # of the solver, at the most


def fit_linear(table: Table, inverse_regularization: float = 1.0) -> BaseEstimator:
    """Logistic regression of classes, ridge regression of a number."""
    model = (
        LogisticRegression(C=inverse_regularization, max_iter=STEPS)
        if table.classes
        else Ridge(alpha=1 / inverse_regularization)
    )
    # In double precision: in single precision the solver may not get where it should.
    return model.fit(table.matrix.astype(np.float64), table.target, table.weights)


def name_linear(classes: int) -> str:
    return "logistic regression" if classes else "ridge regression"


def predict(model: BaseEstimator, matrix: Matrix) -> Floats:
    """Probabilities, with a column for each class; of a regression a number for each row."""
    ask = getattr(model, "predict_proba", None) or model.predict
    return np.asarray(ask(matrix), dtype=np.float64)
