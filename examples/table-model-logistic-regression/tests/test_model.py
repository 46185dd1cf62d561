"""The whole way on a few rows: `python -m pytest`."""

from pathlib import Path

import pytest

from config import Config
from core.artifact import changed_files, read_manifest
from core.run import Run
from data import load_dataset
from pipeline import train
from predict import Predictor
from schemas import Estimate, Input, Label

TARGETS = ["vote", "age"]  # a class and a number


@pytest.fixture(scope="module", params=TARGETS)
def artifact(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    runs = str(tmp_path_factory.mktemp("runs"))
    options = ["--data", "data/sample.csv", "--columns", f"target={request.param}"]
    config = Config.from_arguments([*options, "--debug", "--output", runs])
    return train(config, Run(config))


def test_artifact_is_complete(artifact: Path) -> None:
    manifest = read_manifest(artifact)
    assert changed_files(artifact, manifest["files"]) == []
    assert (artifact / "report.html").is_file()


def test_a_row_is_described_and_answered(artifact: Path) -> None:
    manifest = read_manifest(artifact)
    takes = Input.of_model(manifest)
    assert takes.model_json_schema() == manifest["input"]
    (answer,) = Predictor.load(artifact).predict(
        [takes.model_validate(example) for example in manifest["input"]["examples"]]
    )
    assert answer.notes == []
    if isinstance(answer, Label):
        assert answer.label in manifest["labels"]
        assert sum(answer.scores.values()) == pytest.approx(1)
    else:
        assert isinstance(answer, Estimate)
        assert answer.low is not None and answer.high is not None
        assert answer.low < answer.value < answer.high


def test_what_was_not_learnt_is_answered_with_a_note(artifact: Path) -> None:
    manifest = read_manifest(artifact)
    row = manifest["input"]["examples"][0] | {"party": "Whig", "tv_news_days": 99}
    predictor = Predictor.load(artifact)
    (answer,) = predictor.predict([predictor.input.model_validate(row)])
    assert [note.split(":")[0] for note in answer.notes] == ["tv_news_days", "party"]


def test_rows_that_are_the_same_are_not_split() -> None:
    dataset = load_dataset(Config.from_arguments(["--data", "data/sample.csv"]))
    known = {tuple(example.cells.values()) for example in dataset.train}
    assert not known & {tuple(example.cells.values()) for example in dataset.validation}
