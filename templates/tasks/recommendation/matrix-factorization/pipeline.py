"""Factorize who took what by alternating least squares: data in, artifact out."""

import time
from pathlib import Path

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

from catalog import Catalog
from config import ALGORITHM, Config
from core.progress import Progress
from core.run import Run
from data import load_dataset
from evaluation import Truth, evaluate_baseline
from model import Factors
from recommender import publish_recommender

DEBUG_ITERATIONS = 3
CHECKPOINT_SECONDS = 60.0


def train(config: Config, run: Run) -> Path:
    dataset = load_dataset(config)
    run.start(dataset.fingerprint)
    catalog = Catalog.of(dataset.train)
    truth = Truth.of(catalog, dataset.validation)
    baseline = evaluate_baseline(catalog, truth, run)

    factors = _factorize(catalog, config, run)
    model = Factors(factors, config.regularization, config.confidence)
    model.save(run.folder)
    return publish_recommender(run, ALGORITHM, dataset, catalog, truth, model, baseline)


def _factorize(catalog: Catalog, config: Config, run: Run) -> NDArray[np.float32]:
    """The items' factors; the seed alone decides them, not the number of cores."""
    total = min(config.iterations, DEBUG_ITERATIONS) if config.debug else config.iterations
    path = run.checkpoints / "factors.safetensors"
    with threadpool_limits(1, "blas"):  # else its threads and those of implicit fight
        als = AlternatingLeastSquares(
            factors=config.factors,
            regularization=config.regularization,
            calculate_training_loss=True,
            random_state=config.seed,
        )
        done = _restore(als, path)
        als.iterations = total - done
        progress = Progress(run, total, len(catalog.histories.values), done)
        saved = time.monotonic()

        def watch(iteration: int, seconds: float, loss: float) -> None:
            nonlocal saved
            step = done + iteration + 1
            progress.tell(step, epoch=step, loss=float(loss))
            if run.must_stop or time.monotonic() - saved >= CHECKPOINT_SECONDS:
                _save(als, step, path)
                saved = time.monotonic()
                run.event("checkpoint", step=step)
            run.stop_if_asked()

        als.fit(_confidences(catalog, config), show_progress=False, callback=watch)
    factors: NDArray[np.float32] = als.item_factors
    return factors


def _confidences(catalog: Catalog, config: Config) -> csr_matrix:
    """What was not liked is left out, as if it had not been taken."""
    taken = catalog.histories
    matrix = csr_matrix(
        (taken.values, taken.columns, taken.starts), (len(taken), taken.width), np.float32
    )
    matrix.eliminate_zeros()
    matrix.data = 1 + config.confidence * matrix.data
    return matrix


def _save(als: AlternatingLeastSquares, step: int, path: Path) -> None:
    staged = path.with_suffix(".part")
    factors = {"users": als.user_factors, "items": als.item_factors}
    save_file(factors | {"step": np.array([step])}, staged)
    staged.replace(path)


def _restore(als: AlternatingLeastSquares, path: Path) -> int:
    """The iterations that are done already."""
    if not path.is_file():
        return 0
    state = load_file(path)
    als.user_factors, als.item_factors = state["users"], state["items"]
    return int(state["step"][0])
