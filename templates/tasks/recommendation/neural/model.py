"""What is served: the network of `network.py`, for one user and all items, in numpy."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from sparse import Floats, SparseRow

FILE = "network.safetensors"

Weights = Mapping[str, NDArray[np.float32]]


class NeuralModel:
    def __init__(self, weights: Weights) -> None:
        self.taken = weights["taken.weight"]
        self.item_product, item_network = np.split(weights["items.weight"], 2, axis=1)
        first, *self.layers = _layers(weights)
        # Of the first layer, what the items bring is the same for all users.
        self.first_user, first_item = np.split(first[0], 2, axis=1)
        self.first_items = item_network @ first_item.T + first[1]
        self.output, self.bias = weights["output.weight"][0], float(weights["output.bias"][0])

    def score(self, history: SparseRow) -> Floats:
        weights = history.values.astype(np.float32)
        user = weights @ self.taken[history.columns] / np.sqrt(max(weights.sum(), 1.0))
        product, network = np.split(user, 2)
        hidden = np.maximum(self.first_items + self.first_user @ network, 0)
        for weight, bias in self.layers:
            hidden = np.maximum(hidden @ weight.T + bias, 0)
        by_product, by_network = np.split(self.output, [len(product)])
        scores = self.item_product @ (product * by_product) + hidden @ by_network + self.bias
        return np.asarray(scores, dtype=np.float64)


def load_model(folder: Path) -> NeuralModel:
    return NeuralModel(load_file(folder / FILE))


def _layers(weights: Weights) -> list[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    count = sum(name.startswith("hidden.") for name in weights) // 2
    return [(weights[f"hidden.{n}.weight"], weights[f"hidden.{n}.bias"]) for n in range(count)]
