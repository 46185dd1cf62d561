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


def test_answers_with_one_of_the_labels(artifact: Path) -> None:
    config = Config.from_arguments([])
    texts = [Input(text=example.text) for example in load_dataset(config).validation[:5]]
    outputs = Predictor.load(artifact).predict(texts)
    labels = read_manifest(artifact)["labels"]
    assert [output.label in labels for output in outputs] == [True] * 5
    assert [sum(output.scores.values()) for output in outputs] == pytest.approx([1.0] * 5)
