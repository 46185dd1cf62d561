"""TF-IDF and logistic regression: trained in seconds, and what any larger model has to beat."""

from pathlib import Path

import numpy as np
import skops.io
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.special import expit
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import FeatureUnion, Pipeline

NAME = "TF-IDF + logistic regression"


def build_features() -> FeatureUnion:
    """Words in pairs catch phrases, characters in groups catch endings, typos and compounds."""
    return FeatureUnion(
        [
            (
                "words",
                TfidfVectorizer(sublinear_tf=True, strip_accents="unicode", ngram_range=(1, 2)),
            ),
            (
                "characters",
                TfidfVectorizer(
                    sublinear_tf=True,
                    strip_accents="unicode",
                    analyzer="char_wb",
                    ngram_range=(3, 5),
                ),
            ),
        ]
    )


def build_classifier(inverse_regularization: float, class_weights: bool) -> OneVsRestClassifier:
    """One binary model per label: on sparse features many times faster than a joint one."""
    return OneVsRestClassifier(
        LogisticRegression(
            C=inverse_regularization,
            class_weight="balanced" if class_weights else None,
            solver="liblinear",
            random_state=0,
        )
    )


class StackedClassifier:
    """What a fitted classifier answers, by one product: its own way is one call per label."""

    def __init__(self, classifier: OneVsRestClassifier) -> None:
        self.labels: list[str] = classifier.classes_.tolist()
        models = classifier.estimators_
        # By feature, in this order in memory: else each sparse product copies all of them first.
        self._weights = np.ascontiguousarray(np.vstack([model.coef_ for model in models]).T)
        self._intercepts = np.hstack([model.intercept_ for model in models])

    def predict_proba(self, features: csr_array) -> NDArray[np.float64]:
        """Probabilities: a row per text, a column per label."""
        scores = expit(features @ self._weights + self._intercepts)
        if len(self.labels) == 2:  # one model tells the second label from the first
            scores = np.hstack([1 - scores, scores])
        probabilities: NDArray[np.float64] = scores / scores.sum(axis=1, keepdims=True)
        return probabilities


def fit_baseline(
    texts: list[str],
    labels: list[str],
    inverse_regularization: float = 30.0,
    class_weights: bool = True,
) -> Pipeline:
    """Fit on all texts at once; the same input gives the same model."""
    model = Pipeline(
        [
            ("features", build_features()),
            ("classifier", build_classifier(inverse_regularization, class_weights)),
        ]
    )
    return model.fit(texts, labels)


def save_estimator(estimator: object, path: Path) -> None:
    """Write a scikit-learn estimator in a format that runs no code when it is read."""
    skops.io.dump(estimator, path)
