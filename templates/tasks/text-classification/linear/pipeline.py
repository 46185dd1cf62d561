"""Train TF-IDF and logistic regression: data in, artifact out."""

from pathlib import Path

from baseline import fit_baseline, save_estimator
from config import ALGORITHM, Config
from core.classification import evaluate, evaluate_majority
from core.classifier import publish_classifier
from core.run import Run
from data import load_dataset
from schemas import Input, Output


def train(config: Config, run: Run) -> Path:
    dataset = load_dataset(config)
    run.start(dataset.fingerprint)
    texts = [example.text for example in dataset.train]
    labels = [example.label for example in dataset.train]
    model = fit_baseline(texts, labels, config.inverse_regularization, config.class_weights)
    run.stop_if_asked()
    save_estimator(model, run.folder / "model.skops")

    unseen = [example.text for example in dataset.validation]
    truth = [example.label for example in dataset.validation]
    return publish_classifier(
        run,
        task="text-classification",
        algorithm=ALGORITHM,
        schemas=(Input, Output),
        data=dataset,
        excerpts=unseen,
        places=[example.place for example in dataset.validation],
        model=evaluate(dataset.labels, truth, model.predict_proba(unseen)),
        baseline=evaluate_majority(dataset.labels, labels, truth),
        baseline_name="the shares of the labels",
    )
