"""The whole way on a few rows: `python -m pytest`."""

from pathlib import Path

import pytest

from config import Config
from core.artifact import changed_files, read_manifest
from core.run import Run
from data import load_dataset
from pipeline import train
from predict import Predictor
from schemas import Input


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    runs = str(tmp_path_factory.mktemp("runs"))
    config = Config.from_arguments(["--debug", "--output", runs])
    return train(config, Run(config))


def test_artifact_is_complete(artifact: Path) -> None:
    manifest = read_manifest(artifact)
    assert changed_files(artifact, manifest["files"]) == []
    assert (artifact / "report.html").is_file()


def test_recommends_what_a_user_has_not_taken(artifact: Path) -> None:
    dataset = load_dataset(Config.from_arguments(["--debug"]))
    user = dataset.train[0].user
    taken = {i.item for i in dataset.train + dataset.validation if i.user == user}
    (output,) = Predictor.load(artifact).predict([Input(user=user, count=5)])
    assert (output.source, len(output.items)) == ("model", 5)
    assert not taken & {recommendation.item for recommendation in output.items}


def test_answers_who_is_new(artifact: Path) -> None:
    dataset = load_dataset(Config.from_arguments(["--debug"]))
    liked = dataset.train[0].item
    by_items, popular = Predictor.load(artifact).predict(
        [Input(user=None, items=[liked, "no such item"]), Input(user="no such user")]
    )
    assert (by_items.source, by_items.unknown_items) == ("items", ["no such item"])
    assert liked not in {recommendation.item for recommendation in by_items.items}
    assert (popular.source, len(popular.items)) == ("popular", 10)
