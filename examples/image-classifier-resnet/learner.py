"""What `core.fit` has to know about this task: batches, loss, metrics."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from sklearn.metrics import accuracy_score, f1_score
from sklearn.utils.class_weight import compute_class_weight
from torch import nn
from torch.nn.functional import cross_entropy

from augmentation import vary
from config import Config
from core.classification import Floats
from data import Dataset, Example
from network import Network, Reading, build_network
from predict import Pixels
from square import to_square

AT_ONCE = 32  # pictures that are classified at a time when all is learnt


class Item(NamedTuple):
    example: Example
    label: int
    is_varied: bool  # in training, never in validation


class Batch(NamedTuple):
    pixels: torch.Tensor
    labels: torch.Tensor


class ImageClassification:
    metric = "macro_f1"
    higher_is_better = True

    def __init__(self, config: Config, dataset: Dataset, reading: Reading) -> None:
        self.config = config
        self.labels = dataset.labels
        self.side = reading.side
        self.class_weights = _class_weights(dataset) if config.class_weights else None

    def build(self) -> Network:
        return build_network(self.config, self.labels)

    def collate(self, examples: list[Item]) -> Batch:
        pixels = np.stack([self._read(item) for item in examples])
        labels = torch.tensor([item.label for item in examples])
        return Batch(torch.from_numpy(pixels), labels)

    def loss(self, network: nn.Module, batch: Batch) -> torch.Tensor:
        logits = network(batch.pixels).float()
        weights = None if self.class_weights is None else self.class_weights.to(logits.device)
        smoothing = self.config.label_smoothing
        losses = cross_entropy(
            logits, batch.labels, weights, reduction="none", label_smoothing=smoothing
        )
        return losses.mean()

    def predict(self, network: nn.Module, batch: Batch) -> tuple[list[int], list[int]]:
        """Labels that are right, and those that were found."""
        found = network(batch.pixels).argmax(dim=1)
        return batch.labels.tolist(), found.tolist()

    def score(self, outputs: list[tuple[list[int], list[int]]]) -> dict[str, float]:
        truth = [label for labels, _ in outputs for label in labels]
        found = [label for _, labels in outputs for label in labels]
        return {
            "accuracy": float(accuracy_score(truth, found)),
            "macro_f1": float(f1_score(truth, found, average="macro", zero_division=0.0)),
        }

    def _read(self, item: Item) -> Pixels:
        picture = item.example.open(self.side)
        if item.is_varied:
            return np.asarray(vary(picture, self.side, self.config))
        return np.asarray(to_square(picture, self.side, self.config.fit))


def to_items(examples: Sequence[Example], labels: list[str], is_varied: bool) -> list[Item]:
    numbers = {label: number for number, label in enumerate(labels)}
    return [Item(example, numbers[example.label], is_varied) for example in examples]


def read_pixels(examples: Sequence[Example], side: int, config: Config) -> Iterator[Pixels]:
    """The pictures as they are served, in their order; several are read at a time."""
    with ThreadPoolExecutor() as threads:
        for start in range(0, len(examples), AT_ONCE):
            part = examples[start : start + AT_ONCE]
            yield np.stack(list(threads.map(partial(_read_plain, side=side, config=config), part)))


@torch.inference_mode()
def classify(
    network: Network, examples: Sequence[Example], config: Config
) -> tuple[Floats, Floats]:
    """Probabilities, with a column per label, and the features that led to them; a row per picture."""
    features: list[torch.Tensor] = []
    *_, classifier = (part for part in network.modules() if isinstance(part, nn.Linear))
    hook = classifier.register_forward_pre_hook(lambda part, given: features.append(given[0].cpu()))
    device = torch.accelerator.current_accelerator() or torch.device("cpu")
    network.to(device)
    rows = [
        network(torch.from_numpy(pixels).to(device)).softmax(dim=1).cpu()
        for pixels in read_pixels(examples, network.reading.side, config)
    ]
    network.cpu()
    hook.remove()
    return torch.cat(rows).double().numpy(), torch.cat(features).double().numpy()


def _read_plain(example: Example, side: int, config: Config) -> Pixels:
    return np.asarray(to_square(example.open(side), side, config.fit))


def _class_weights(dataset: Dataset) -> torch.Tensor:
    labels = [example.label for example in dataset.train]
    weights = compute_class_weight("balanced", classes=np.array(dataset.labels), y=labels)
    return torch.tensor(weights, dtype=torch.float32)
