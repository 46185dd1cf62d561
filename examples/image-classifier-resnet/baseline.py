"""Logistic regression on tiny thumbnails: colours and rough shapes, and what any network has to beat."""

from collections.abc import Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from core.classification import Floats
from data import Example
from square import Fit, to_square

SIDE = 8  # pixels
NAME = f"logistic regression on thumbnails of {SIDE} x {SIDE} pixels"
INVERSE_REGULARIZATION = 0.1
ITERATIONS = 1000


def to_features(examples: Sequence[Example], fit: Fit) -> Floats:
    """A row per picture: the colours of its thumbnail."""
    thumbnails = (to_square(e.open(SIDE), SIDE, fit) for e in examples)
    return np.stack([np.asarray(thumbnail, np.float64).ravel() / 255 for thumbnail in thumbnails])


def fit_baseline(features: Floats, labels: Sequence[str], class_weights: bool) -> Pipeline:
    """The same input gives the same model."""
    classifier = LogisticRegression(
        C=INVERSE_REGULARIZATION,
        class_weight="balanced" if class_weights else None,
        max_iter=ITERATIONS,
    )
    return make_pipeline(StandardScaler(), classifier).fit(features, labels)
