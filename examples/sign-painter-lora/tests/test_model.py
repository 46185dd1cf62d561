"""The whole way on a few rows: `python -m pytest`."""

import base64
import io
from pathlib import Path

import pytest
from PIL import Image

from config import Config
from core.artifact import changed_files, read_manifest
from core.run import Run
from pipeline import train
from predict import Predictor
from schemas import Input


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    runs = str(tmp_path_factory.mktemp("runs"))
    config = Config.from_arguments(["--debug", "--samples", "8", "--output", runs])
    return train(config, Run(config))


def test_artifact_is_complete(artifact: Path) -> None:
    manifest = read_manifest(artifact)
    assert changed_files(artifact, manifest["files"]) == []
    assert (artifact / "report.html").is_file()
    assert (artifact / "pytorch_lora_weights.safetensors").is_file()


def test_a_seed_gives_the_same_picture_alone_and_among_others(artifact: Path) -> None:
    predictor = Predictor.load(artifact)
    wanted = Input(prompt="a hammer", seed=7, steps=2, width=64, height=128)
    (alone,) = predictor.predict([wanted])
    _, among, other = predictor.predict(
        [Input(prompt="a ladder", steps=2), wanted, wanted.model_copy(update={"seed": 8})]
    )
    assert alone == among
    assert alone.image != other.image
    content = base64.b64decode(alone.image.removeprefix("data:image/png;base64,"))
    assert Image.open(io.BytesIO(content)).size == (64, 128)
