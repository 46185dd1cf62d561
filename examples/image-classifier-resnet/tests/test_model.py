"""The whole way on a few pictures: `python -m pytest`."""

import base64
import io
from pathlib import Path

import pytest
from PIL import Image

from config import Config
from core.artifact import changed_files, read_manifest
from core.run import Run
from data import Example, load_dataset
from pipeline import train
from predict import Predictor
from schemas import Input


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    runs = str(tmp_path_factory.mktemp("runs"))
    config = Config.from_arguments(["--debug", "--output", runs])
    return train(config, Run(config))


def to_input(example: Example) -> Input:
    return Input(image=base64.b64encode(example.content).decode())


def test_artifact_is_complete(artifact: Path) -> None:
    manifest = read_manifest(artifact)
    assert changed_files(artifact, manifest["files"]) == []
    assert (artifact / "report.html").is_file()


def test_answers_with_one_of_the_labels(artifact: Path) -> None:
    examples = load_dataset(Config.from_arguments([])).validation[:5]
    outputs = Predictor.load(artifact).predict([to_input(example) for example in examples])
    labels = read_manifest(artifact)["labels"]
    assert [output.label in labels for output in outputs] == [True] * 5
    assert [sum(output.scores.values()) for output in outputs] == pytest.approx([1.0] * 5)


def test_a_picture_is_the_same_in_every_format(artifact: Path) -> None:
    predictor = Predictor.load(artifact)
    picture = Image.linear_gradient("L").convert("RGB")
    answers = []
    for ending in ("PNG", "WEBP", "BMP"):
        file = io.BytesIO()
        picture.save(file, ending, **({"lossless": True} if ending == "WEBP" else {}))
        url = f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
        answers += predictor.predict([Input(image=url)])
    assert answers == [answers[0]] * 3


@pytest.mark.parametrize("image", ["hello", "aGVsbG8=", "data:image/png,hello", "%%%"])
def test_what_is_no_picture_is_refused(artifact: Path, image: str) -> None:
    with pytest.raises(ValueError, match="the image is"):
        Predictor.load(artifact).prepare(Input(image=image))
