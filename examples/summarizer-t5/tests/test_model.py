"""The whole way on a few rows: `python -m pytest`."""

from pathlib import Path

import pytest

from config import Config
from core.artifact import changed_files, read_manifest
from core.generation import Sampling, answer
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


def test_answers_are_the_same_alone_and_in_a_batch(artifact: Path) -> None:
    config = Config.from_arguments([])
    sources = [example.source for example in load_dataset(config).validation[:5]]
    texts = [Input(text=source, max_tokens=8) for source in sources]
    predictor = Predictor.load(artifact)
    alone = [output for text in texts for output in predictor.predict([text])]
    assert predictor.predict(texts) == alone


def test_an_answer_ends_where_it_is_told_to(artifact: Path) -> None:
    predictor = Predictor.load(artifact)
    text = load_dataset(Config.from_arguments([])).validation[0].source
    (short,) = predictor.predict([Input(text=text, max_tokens=1, num_beams=2)])
    tokens = predictor.writer.encoding.targets([short.text])[0]
    assert len(tokens) <= 3  # one, between those that begin and end any text


def test_a_stream_says_what_a_batch_does(artifact: Path) -> None:
    predictor = Predictor.load(artifact)
    text = load_dataset(Config.from_arguments([])).validation[0].source
    asked = (predictor.encode_text(text), Sampling(max_tokens=16))
    (streamed,) = answer(predictor.engine, [asked])
    (whole,) = predictor.predict([Input(text=text, max_tokens=16)])
    predictor.close()
    assert streamed.strip() == whole.text
