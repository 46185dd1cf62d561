"""The head: logistic regression on what a text says (TF-IDF) and what it means (embedding)."""

from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
import skops.io
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import FeatureUnion

from baseline import StackedClassifier, build_classifier, build_features, save_estimator
from config import Config

Floats = NDArray[np.float64]
Embeddings = NDArray[np.float32]  # a row per text


class Head:
    def __init__(
        self, features: FeatureUnion, classifier: OneVsRestClassifier, embedding_weight: float
    ) -> None:
        self.features = features
        self.classifier = classifier
        self.embedding_weight = embedding_weight

    @classmethod
    def fit(
        cls, texts: list[str], embeddings: Embeddings, labels: list[str], config: Config
    ) -> Self:
        head = cls(
            build_features().fit(texts),
            build_classifier(config.inverse_regularization, config.class_weights),
            config.embedding_weight,
        )
        head.classifier.fit(head._join(texts, embeddings), labels)
        return head

    def predict(self, texts: list[str], embeddings: Embeddings) -> Floats:
        """Probabilities: a row per text, a column per label."""
        return self._stacked.predict_proba(self._join(texts, embeddings))

    @property
    def labels(self) -> list[str]:
        return self._stacked.labels

    @cached_property
    def _stacked(self) -> StackedClassifier:
        return StackedClassifier(self.classifier)

    def save(self, folder: Path) -> None:
        save_estimator(
            {
                "features": self.features,
                "classifier": self.classifier,
                "embedding_weight": self.embedding_weight,
            },
            folder / "head.skops",
        )

    @classmethod
    def load(cls, folder: Path) -> Self:
        return cls(**skops.io.load(folder / "head.skops"))

    def _join(self, texts: list[str], embeddings: Embeddings) -> csr_array:
        length = np.linalg.norm(embeddings, axis=1, keepdims=True).clip(1e-9)
        scaled = csr_array(embeddings / length * self.embedding_weight)
        return hstack([self.features.transform(texts), scaled]).tocsr()
