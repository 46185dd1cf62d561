"""Train a network to tell what users took from what they did not: data in, artifact out."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

from catalog import Catalog
from config import ALGORITHM, Config
from core.fit import fit
from core.run import Run
from data import load_dataset
from evaluation import LENGTH, Truth, evaluate_baseline, measure, recommend
from model import FILE, NeuralModel, load_model
from network import Batch, NeuMF
from recommender import publish_recommender
from sparse import Ints

WATCHED = 2000  # users, at the most, who decide which epoch is the best
COMPARED = 20  # users whose scores in numpy are held against those in torch
TOLERANCE = 1e-4


class Example(NamedTuple):
    user: int
    item: int  # that the network is to find among others


class Examples(NamedTuple):
    """A batch: the first item of each row was taken, the others were drawn."""

    users: list[int]
    batch: Batch
    counted: torch.Tensor  # 0 for an item that was drawn though the user took it, else 1


class Recommendation:
    """What `fit` has to know about this task."""

    metric = f"ndcg_at_{LENGTH}"
    higher_is_better = True

    def __init__(self, config: Config, catalog: Catalog, truth: Truth) -> None:
        self.config = config
        self.catalog = catalog
        self.truth = truth
        self._liked = np.sort(_pairs(catalog))

    def build(self) -> NeuMF:
        config = self.config
        return NeuMF(len(self.catalog.items), config.factors, config.layers, config.dropout)

    def collate(self, examples: list[Example]) -> Examples:
        users, items = np.array(examples, dtype=np.int64).T
        width = len(self.catalog.items)
        drawn = np.random.randint(0, width, (len(users), self.config.negatives))
        is_liked = _contains(self._liked, users[:, None] * width + drawn)
        counted = np.hstack([np.ones((len(users), 1)), ~is_liked])
        batch = _batch(self.catalog, users, np.column_stack([items, drawn]))
        return Examples(users.tolist(), batch, torch.tensor(counted, dtype=torch.float32))

    def loss(self, network: nn.Module, batch: Examples) -> torch.Tensor:
        logits = network(batch.batch).float()
        truth = torch.zeros_like(logits)
        truth[:, 0] = 1.0
        return binary_cross_entropy_with_logits(logits, truth, batch.counted)

    def predict(self, network: nn.Module, batch: Examples) -> dict[int, Ints]:
        """The list that each user gets."""
        model = NeuralModel({n: w.float().cpu().numpy() for n, w in network.state_dict().items()})
        return {user: recommend(model, self.catalog, user) for user in set(batch.users)}

    def score(self, outputs: list[dict[int, Ints]]) -> dict[str, float]:
        found = {user: best for output in outputs for user, best in output.items()}
        # Who is not among them took nothing that can be recommended: no list would be right.
        lists = [found.get(user, np.zeros(0, np.int64)) for user in self.truth.users]
        metrics = measure(lists, self.catalog, self.truth).metrics
        return {name: metrics[name] for name in (self.metric, f"recall_at_{LENGTH}")}


def train(config: Config, run: Run) -> Path:
    dataset = load_dataset(config)
    run.start(dataset.fingerprint, in_parallel=True)
    catalog = Catalog.of(dataset.train)
    truth = Truth.of(catalog, dataset.validation)
    baseline = evaluate_baseline(catalog, truth, run)

    watched = truth.drawn(WATCHED, config.seed)
    learner = Recommendation(config, catalog, watched)
    network = fit(learner, _liked(catalog), _held_out(catalog, watched), config, run)
    save_file(network.state_dict(), run.folder / FILE)
    model = load_model(run.folder)
    _require_same_scores(network, model, catalog, truth.users[:COMPARED])
    return publish_recommender(run, ALGORITHM, dataset, catalog, truth, model, baseline)


def _liked(catalog: Catalog) -> list[Example]:
    return [Example(*divmod(pair, len(catalog.items))) for pair in _pairs(catalog).tolist()]


def _held_out(catalog: Catalog, truth: Truth) -> list[Example]:
    return [
        Example(user, catalog.items[item])
        for user, items in zip(truth.users, truth.items, strict=True)
        for item in items
        if item in catalog.items
    ]


def _pairs(catalog: Catalog) -> Ints:
    """A number for each user and item that they liked."""
    histories = catalog.histories
    numbers = histories.rows * histories.width + histories.columns
    return numbers[histories.values > 0]


def _contains(ordered: Ints, wanted: Ints) -> NDArray[np.bool_]:
    places = np.searchsorted(ordered, wanted).clip(max=len(ordered) - 1)
    return np.asarray(ordered[places] == wanted, dtype=np.bool_)


def _batch(catalog: Catalog, users: Ints, items: Ints) -> Batch:
    """What a user took is told without the first of the items, which is asked for."""
    places, owners = catalog.histories.places(users)
    is_told = catalog.histories.columns[places] != items[owners, 0]
    places, owners = places[is_told], owners[is_told]
    return Batch(
        torch.from_numpy(catalog.histories.columns[places]),
        torch.from_numpy(catalog.histories.values[places].astype(np.float32)),
        torch.from_numpy(owners),
        torch.from_numpy(items),
    )


@torch.no_grad()
def _require_same_scores(
    network: nn.Module, model: NeuralModel, catalog: Catalog, users: Sequence[int]
) -> None:
    """What is served has to answer as what was trained."""
    everything = np.arange(len(catalog.items))
    for user in users:
        history = catalog.history(user)
        batch = Batch(
            torch.from_numpy(history.columns),
            torch.from_numpy(history.values.astype(np.float32)),
            torch.zeros(len(history.columns), dtype=torch.int64),
            torch.from_numpy(everything)[None],
        )
        served = model.score(history)
        np.testing.assert_allclose(served, network(batch)[0].numpy(), TOLERANCE, TOLERANCE)
