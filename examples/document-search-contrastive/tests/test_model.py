"""The whole way on a few rows: `python -m pytest`."""

import math
from pathlib import Path

import pytest
import torch
from torch import nn

from config import Config
from contrast import ContrastiveLearning
from core.artifact import changed_files, read_manifest
from core.run import Run
from corpus import Corpus
from data import load_dataset
from model import build_model
from pipeline import train
from predict import Predictor
from schemas import Input
from texts import Tokens


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
        vectors = zip(asked.embedding, found[match.index].embedding, strict=True)
        product = sum(one * other for one, other in vectors)
        assert match.similarity == pytest.approx(product, abs=2e-2)


def test_a_batch_in_small_parts_learns_the_same(tmp_path: Path) -> None:
    config = Config.from_arguments(["--debug", "--output", str(tmp_path)])
    dataset = load_dataset(config)
    corpus = Corpus.of(dataset)
    tokens = Tokens.of(build_model(config), corpus, config, Run(config))
    learner = ContrastiveLearning(config, corpus, tokens)
    examples = learner.examples(corpus.numbers(dataset.train))[: config.batch]
    network = learner.build().train()
    for module in network.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0  # chance apart
    gradients = []
    for at_most in (config.batch, 2):
        learner.compute_at_most(at_most)
        network.zero_grad()
        learner.loss(network, learner.collate(examples)).backward()
        trained = [weight.grad for weight in network.parameters() if weight.grad is not None]
        gradients.append(torch.cat([gradient.flatten() for gradient in trained]))
    whole, in_parts = gradients
    assert len(whole)
    assert torch.allclose(whole, in_parts, atol=1e-4 * float(whole.abs().max()))
