"""Factors: an item is a vector, and so is a user, worked out from what they took."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from sparse import Floats, SparseRow

FILE = "factors.safetensors"


class Factors:
    """Alternating least squares with the items as they are: the users' half of it, exactly."""

    def __init__(
        self, items: NDArray[np.float32], regularization: float, confidence: float
    ) -> None:
        self.items = items.astype(np.float64)
        self.regularization = regularization
        self.confidence = confidence
        # What an item that was not taken adds to the equations of any user.
        self._gram = self.items.T @ self.items + regularization * np.eye(self.items.shape[1])

    def score(self, history: SparseRow) -> Floats:
        scores: Floats = self.items @ self._user(history)
        return scores

    def save(self, folder: Path) -> None:
        tensors = {
            "items": self.items.astype(np.float32),
            "regularization": np.array([self.regularization]),
            "confidence": np.array([self.confidence]),
        }
        save_file(tensors, folder / FILE)

    def _user(self, history: SparseRow) -> Floats:
        """The vector that explains what was taken best, each item by its weight."""
        liked = history.values > 0
        taken = self.items[history.columns[liked]]
        extra = self.confidence * history.values[liked]
        left = self._gram + (taken * extra[:, None]).T @ taken
        return np.asarray(np.linalg.solve(left, (1 + extra) @ taken), dtype=np.float64)


def load_model(folder: Path) -> Factors:
    tensors = load_file(folder / FILE)
    return Factors(
        tensors["items"], float(tensors["regularization"][0]), float(tensors["confidence"][0])
    )
