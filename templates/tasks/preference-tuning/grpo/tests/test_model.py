"""The whole way on a few rows: `python -m pytest`."""

from pathlib import Path

import pytest

from config import Config
from core.artifact import changed_files, read_manifest
from core.run import Run
from pipeline import train
from predict import Predictor
from rewards import reward
from schemas import Input


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    runs = str(tmp_path_factory.mktemp("runs"))
    config = Config.from_arguments(["--debug", "--samples", "30", "--output", runs])
    return train(config, Run(config))


def test_artifact_is_complete(artifact: Path) -> None:
    manifest = read_manifest(artifact)
    assert changed_files(artifact, manifest["files"]) == []
    assert (artifact / "report.html").is_file()


def test_answers_the_example_alone_and_among_others_alike(artifact: Path) -> None:
    predictor = Predictor.load(artifact)
    example = Input.model_validate(Input.model_json_schema()["examples"][0])
    (alone,) = predictor.predict([example])
    for output in predictor.predict([example] * 3):
        assert output.model_dump() == pytest.approx(alone.model_dump(), abs=1e-4)


def test_the_reward_likes_the_right_answer_and_a_short_one() -> None:
    def earned(answer: str) -> float:
        return reward("Name the trade: Bend conduit.", answer, "Electrician")

    long = "Well, it is hard to say, but I would think that it is an Electrician"
    assert earned("An electrician.") > earned(long) > earned("A welder.") > earned("")
