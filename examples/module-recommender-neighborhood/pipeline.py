"""Find the neighbours of each item, or keep the users to find theirs: data in, artifact out."""

from pathlib import Path

import numpy as np
from scipy.sparse import csr_array

from catalog import Catalog
from config import ALGORITHM, Config
from core.run import Run
from data import load_dataset
from evaluation import Truth, evaluate_baseline
from model import ItemNeighbors, UserNeighbors
from recommender import publish_recommender
from sparse import SparseRows

BLOCK = 512  # items whose similarities are in memory at a time


def train(config: Config, run: Run) -> Path:
    dataset = load_dataset(config)
    run.start(dataset.fingerprint)
    catalog = Catalog.of(dataset.train)
    truth = Truth.of(catalog, dataset.validation)
    baseline = evaluate_baseline(catalog, truth, run)

    model: ItemNeighbors | UserNeighbors
    if config.by == "item":
        model = ItemNeighbors(_find_neighbors(catalog.histories, config))
    else:
        model = UserNeighbors(catalog.histories, config.neighbors, config.shrinkage)
    run.stop_if_asked()
    model.save(run.folder)
    return publish_recommender(run, ALGORITHM, dataset, catalog, truth, model, baseline)


def _find_neighbors(histories: SparseRows, config: Config) -> SparseRows:
    """Cosines of items by who took them: those of an item's nearest, in the rows of the nearest."""
    taken = csr_array(
        (histories.values, histories.columns, histories.starts),
        shape=(len(histories), histories.width),
    )
    by_item = taken.T.tocsr()
    lengths = np.sqrt(by_item.power(2).sum(axis=1))
    rows, columns, values = [], [], []
    for start in range(0, histories.width, BLOCK):
        products = (by_item[start : start + BLOCK] @ taken).tocsr()
        for item, (first, end) in enumerate(
            zip(products.indptr, products.indptr[1:], strict=False), start
        ):
            others = products.indices[first:end]
            scale = lengths[item] * lengths[others] + config.shrinkage
            cosines = np.where(others == item, 0, products.data[first:end] / scale)
            nearest = np.argsort(-cosines, kind="stable")[: config.neighbors]
            rows.append(others[nearest])
            columns.append(np.full(len(nearest), item))
            values.append(cosines[nearest])
    shape = (histories.width, histories.width)
    return SparseRows.of(
        np.concatenate(rows).astype(np.int64),
        np.concatenate(columns),
        np.concatenate(values),
        shape,
    )
