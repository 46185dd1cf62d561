"""The whole way on a few rows: `python -m pytest`."""

import math
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


def test_answers_with_vectors_of_length_one(artifact: Path) -> None:
    pairs = load_dataset(Config.from_arguments([])).validation[:5]
    predictor = Predictor.load(artifact)
    for dimensions in (None, 8):
        for output in predictor.predict(
            [Input(text=pair.query, dimensions=dimensions) for pair in pairs]
        ):
            assert len(output.embedding) == output.dimensions
            assert math.hypot(*output.embedding) == pytest.approx(1, abs=1e-4)


def test_ranks_passages_by_the_product_of_vectors(artifact: Path) -> None:
    pairs = load_dataset(Config.from_arguments([])).validation[:5]
    passages = [pair.passage for pair in pairs]
    asked, *found = Predictor.load(artifact).predict(
        [Input(text=pairs[0].query, passages=passages)]
        + [Input(text=passage, role="passage") for passage in passages]
    )
    similarities = [match.similarity for match in asked.ranking]
    assert similarities == sorted(similarities, reverse=True)
    for match in asked.ranking:
        product = math.sumprod(asked.embedding, found[match.index].embedding)
        assert match.similarity == pytest.approx(product, abs=2e-2)
