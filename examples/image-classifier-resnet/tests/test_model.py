"""The whole way on a few pictures: `python -m pytest`."""

from pathlib import Path

import pytest
from PIL import Image

from config import Config
from core.artifact import changed_files, read_manifest
from core.pictures import to_data_url
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
    predictor = Predictor.load(artifact)
    examples = load_dataset(Config.from_arguments([])).validation[:5]
    pictures = [to_data_url(example.open(predictor.side)) for example in examples]
    outputs = predictor.predict([Input(image=picture) for picture in pictures])
    labels = read_manifest(artifact)["labels"]
    assert [output.label in labels for output in outputs] == [True] * 5
    assert [sum(output.scores.values()) for output in outputs] == pytest.approx([1.0] * 5)


def test_a_picture_is_the_same_however_it_comes(artifact: Path) -> None:
    predictor = Predictor.load(artifact)
    picture = Image.linear_gradient("L").convert("RGB")
    urls = [to_data_url(picture), to_data_url(picture, "BMP"), to_data_url(picture).split(",")[1]]
    answers = predictor.predict([Input(image=url) for url in urls])
    assert answers == [answers[0]] * 3


@pytest.mark.parametrize("image", ["hello", "aGVsbG8=", "data:image/png,hello", "%%%"])
def test_what_is_no_picture_is_refused(artifact: Path, image: str) -> None:
    with pytest.raises(ValueError, match="the image is"):
        Predictor.load(artifact).prepare(Input(image=image))
