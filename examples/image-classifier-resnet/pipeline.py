"""Fine-tune a network that knows pictures: data in, artifact out."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from baseline import NAME, fit_baseline, to_features
from config import ALGORITHM, Config
from core.batching import available_cores
from core.classification import Evaluation, Floats, evaluate
from core.classifier import publish_classifier
from core.fit import fit
from core.precision import supports_bf16
from core.report import Section
from core.run import Run
from data import Dataset, Example, load_dataset
from export import export_network, require_same
from learner import ImageClassification, classify, read_pixels, to_items
from network import Network, build_network
from predict import FILE
from schemas import Input, Output
from suspects import FILE as SUSPECTS
from suspects import can_judge, find_suspects, judge_labels, show_suspects, write_suspects
from thumbnails import Thumbnails, name_of

COMPARED = 16  # pictures on which what is served is held against what was trained
MOST_WORKERS = 8
DEBUG_BATCH = 8  # pictures: more take minutes on a CPU


def train(config: Config, run: Run) -> Path:
    dataset = load_dataset(config)
    reading = build_network(config, dataset.labels).reading  # one that is not there is said first
    run.start(dataset.fingerprint, in_parallel=True)
    if not reading.is_known:
        run.warn(
            f"{config.base_model} does not say how it reads pictures: it gets {reading.side} x"
            f" {reading.side} pixels with the colours of ImageNet. --size sets another."
        )
    truth = [example.label for example in dataset.validation]
    baseline = _evaluate_baseline(dataset, truth, config, run)

    learner = ImageClassification(config, dataset, reading)
    trained = fit(
        learner,
        to_items(dataset.train, dataset.labels, is_varied=True),
        to_items(dataset.validation, dataset.labels, is_varied=False),
        _adapt(config),
        run,
        _workers(config),
    )
    assert isinstance(trained, Network)
    trained.save(run.folder / "weights")
    export_network(trained, run.folder / FILE)
    require_same(trained, run.folder / FILE, _first_pixels(dataset, trained, config))
    found, features = classify(trained, dataset.validation, config)
    return publish_classifier(
        run,
        task="image-classification",
        algorithm=ALGORITHM,
        schemas=(Input, Output),
        data=dataset,
        excerpts=[name_of(example) for example in dataset.validation],
        places=[example.place for example in dataset.validation],
        pictures=Thumbnails(dataset.validation),
        model=evaluate(dataset.labels, truth, found),
        baseline=baseline,
        baseline_name=NAME,
        sections=_look_for_suspects(trained, dataset, features, config, run),
    )


def _adapt(config: Config) -> Config:
    """What is left open, as this machine does it best."""
    changes: dict[str, object] = {}
    if config.bf16 is None:
        changes["bf16"] = torch.accelerator.is_available() and supports_bf16()
    if config.debug and not torch.accelerator.is_available():
        changes["batch"] = min(config.batch, DEBUG_BATCH)
    return config.model_copy(update=changes)


def _evaluate_baseline(
    dataset: Dataset, truth: Sequence[str], config: Config, run: Run
) -> Evaluation:
    known = to_features(dataset.train, config.fit)
    labels = [example.label for example in dataset.train]
    simple = fit_baseline(known, labels, config.class_weights)
    unseen = to_features(dataset.validation, config.fit)
    baseline = evaluate(dataset.labels, truth, simple.predict_proba(unseen))
    run.event("baseline", name=NAME, accuracy=baseline.accuracy, macro_f1=baseline.macro_f1)
    return baseline


def _look_for_suspects(
    network: Network, dataset: Dataset, of_validation: Floats, config: Config, run: Run
) -> list[Section]:
    examples: list[Example] = [*dataset.validation, *dataset.train]
    given = [example.label for example in examples]
    if not can_judge(given):
        run.warn("These are too few pictures to look for wrong labels.")
        return []
    _, of_train = classify(network, dataset.train, config)
    judged = judge_labels(np.concatenate([of_validation, of_train]), given, config.seed)
    suspects = find_suspects(dataset.labels, examples, judged)
    if not suspects:
        return []
    write_suspects(run.folder / SUSPECTS, dataset.labels, examples, judged, suspects)
    return [show_suspects(dataset.labels, examples, judged, suspects)]


def _first_pixels(dataset: Dataset, network: Network, config: Config) -> torch.Tensor:
    pixels = next(read_pixels(dataset.validation[:COMPARED], network.reading.side, config))
    return torch.from_numpy(pixels)


def _workers(config: Config) -> int:
    if config.workers is not None:
        return config.workers
    return min(MOST_WORKERS, available_cores()) if torch.accelerator.is_available() else 0
