"""The whole way on a few rows: `python -m pytest`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from config import Config
from core.artifact import changed_files, read_manifest
from core.generation import Message
from core.run import Run
from pipeline import train
from predict import Predictor
from schemas import Input


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    runs = str(tmp_path_factory.mktemp("runs"))
    config = Config.from_arguments(["--debug", "--samples", "20", "--output", runs])
    return train(config, Run(config))


@pytest.fixture(scope="module")
def predictor(artifact: Path) -> Iterator[Predictor]:
    predictor = Predictor.load(artifact)
    yield predictor
    predictor.close()


def test_artifact_is_complete(artifact: Path) -> None:
    manifest = read_manifest(artifact)
    assert changed_files(artifact, manifest["files"]) == []
    assert (artifact / "report.html").is_file()


def test_questions_are_answered_together(predictor: Predictor) -> None:
    questions = [Input(text=f"What does a welder do in {n} hours?", max_tokens=8) for n in range(3)]
    answers = predictor.predict(questions)
    assert len(answers) == 3
    assert all(len(predictor.encode_text(answer.text)) <= 32 for answer in answers)


def test_a_question_too_long_is_refused(predictor: Predictor) -> None:
    ids = predictor.encode_chat([Message("user", "word " * 20_000)])
    with pytest.raises(ValueError, match="at the most"):
        predictor.room(ids)
