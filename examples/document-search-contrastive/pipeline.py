"""Fine-tune an encoder so that queries and their passages get like vectors: data in, artifact out."""

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np
from sentence_transformers import SentenceTransformer

from agreement import export_retriever
from baseline import NAME, KeywordSearch
from config import Config
from contrast import ContrastiveLearning, Example
from core.fit import fit
from core.run import Run
from corpus import Corpus, Judged, Numbers
from data import load_dataset
from evaluation import Search, evaluate, evaluate_vectors
from model import build_model, save_model
from retriever import publish_retriever
from texts import Tokens, keep_vectors, kept_vectors

UNTOUCHED = "the base model, untouched"
WATCHED = 500  # pairs, at the most, that decide which epoch is the best
SEARCHED = 2000  # passages that they are searched in, beside their own


def train(config: Config, run: Run) -> Path:
    dataset = load_dataset(config)
    model = build_model(config)
    run.start(dataset.fingerprint, in_parallel=True)

    corpus = Corpus.of(dataset)
    tokens = Tokens.of(model, corpus, config, run)
    pairs, held_out = corpus.numbers(dataset.train), corpus.numbers(dataset.validation)
    judged = corpus.judged(held_out)
    untrained = [_search_keywords(corpus, judged), _search_untouched(model, tokens, judged, run)]
    for search in untrained:
        run.event("baseline", name=search.name, **search.evaluation.metrics)

    learner = ContrastiveLearning(config, corpus, tokens)
    examples = learner.examples(pairs)
    trained = fit(learner, examples, _watched(corpus, held_out, config.seed), config, run)
    model = save_model(cast(SentenceTransformer, trained), tokens.max_length, run.folder)
    vectors = tokens.encode(model, judged.queries)
    return publish_retriever(
        run,
        config,
        dataset,
        corpus,
        judged,
        vectors,
        untrained,
        engine=export_retriever(
            model, corpus, pairs, judged, vectors, tokens, run.folder, debug=config.debug
        ),
    )


def _search_keywords(corpus: Corpus, judged: Judged) -> Search:
    index = KeywordSearch(corpus.passages)
    texts = [corpus.queries[number] for number in judged.queries]
    return Search(NAME, evaluate(lambda some: index.score(texts[some]), judged.relevant))


def _search_untouched(
    model: SentenceTransformer, tokens: Tokens, judged: Judged, run: Run
) -> Search:
    """Its vectors are kept on disk, for a training that goes on."""
    path = run.checkpoints / "untouched.safetensors"
    if not path.exists():
        keep_vectors(path, tokens.encode(model, judged.queries))
    return Search(UNTOUCHED, evaluate_vectors(kept_vectors(path), judged.relevant))


def _watched(corpus: Corpus, held_out: Sequence[Numbers], seed: int) -> list[Example]:
    """Validation pairs, and dealt out to them what else is searched."""
    drawn = np.random.default_rng(seed).permutation(len(held_out))[:WATCHED].tolist()
    pairs = [held_out[at] for at in sorted(drawn)]
    passages = corpus.part((pair.query for pair in pairs), SEARCHED, seed)
    return [Example(pair, passages[at :: len(pairs)]) for at, pair in enumerate(pairs)]
