"""Fine-tune an encoder so that queries and their passages get like vectors: data in, artifact out."""

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np
from sentence_transformers import SentenceTransformer
from torch import nn

from base import Embedder, with_prompt
from baseline import NAME, KeywordSearch
from config import ALGORITHM, Config
from contrast import ContrastiveLearning, Example
from core.engine import Decide, Probabilities
from core.export import export_encoder
from core.fit import fit
from core.run import Run
from core.tokens import TokenIds, limit_length, tokenize
from corpus import Corpus, Numbers
from data import load_dataset
from encoding import encode_all, keep_vectors, kept_vectors
from evaluation import Floats, Search, evaluate, evaluate_vectors
from model import build_model, save_model
from retriever import publish_retriever

UNTOUCHED = "the base model, untouched"
WATCHED = 500  # queries, at the most, that decide which epoch is the best
SEARCHED = 2000  # passages that they are searched in, beside their own


def train(config: Config, run: Run) -> Path:
    dataset = load_dataset(config)
    model = build_model(config)
    run.start(dataset.fingerprint, in_parallel=True)

    corpus = Corpus.of(dataset)
    tokenizer, padding = model.tokenizer, model.tokenizer.pad_token_id
    max_length = limit_length(config.max_length, tokenizer, run)
    cache = Path(config.output) / ".cache"
    asked = with_prompt(model, "query", corpus.queries)
    known = with_prompt(model, "document", corpus.passages)
    queries = tokenize(asked, tokenizer, max_length, cache)
    passages = tokenize(known, tokenizer, max_length, cache)
    _warn_of_cuts(passages, max_length, run)

    train_pairs, held_out = corpus.numbers(dataset.train), corpus.numbers(dataset.validation)
    judged = list(dict.fromkeys(pair.query for pair in held_out))
    judged_ids = [queries[number] for number in judged]
    relevant = [corpus.relevant[number] for number in judged]
    before = _encode_untouched(model, judged_ids, passages, padding, run)
    untrained = [
        _search_keywords(corpus, judged, relevant),
        Search(UNTOUCHED, evaluate_vectors(*before, relevant)),
    ]
    for search in untrained:
        run.event("baseline", name=search.name, **search.evaluation.metrics)

    learner = ContrastiveLearning(config, corpus, queries, passages, padding)
    examples = learner.examples(train_pairs)
    trained = fit(learner, examples, _watched(corpus, held_out, config.seed), config, run)
    model = save_model(cast(SentenceTransformer, trained), max_length, run.folder)
    after = (
        encode_all(model, judged_ids, padding),
        encode_all(model, passages, padding, title="passages"),
    )
    compared = list(range(len(judged)))[:WATCHED]
    near = corpus.part([judged[at] for at in compared], SEARCHED, config.seed)
    texts = [asked[judged[at]] for at in compared] + [known[number] for number in near]
    vectors = np.concatenate([after[0][compared], after[1][near]])
    return publish_retriever(
        run,
        config,
        ALGORITHM,
        dataset,
        corpus,
        judged,
        after,
        untrained,
        engine=export_encoder(
            Embedder(model),
            tokenizer,
            run.folder,
            [asked[pair.query] for pair in train_pairs] + [known[p.passage] for p in train_pairs],
            texts,
            max_length,
            decide=nearest_text(texts, vectors, config.scale),
            cascades=False,
        ),
    )


def _search_keywords(
    corpus: Corpus, judged: Sequence[int], relevant: Sequence[Sequence[int]]
) -> Search:
    index = KeywordSearch(corpus.passages)
    texts = [corpus.queries[number] for number in judged]
    return Search(NAME, evaluate(lambda some: index.score(texts[some]), relevant))


def _encode_untouched(
    model: nn.Module, queries: TokenIds, passages: TokenIds, padding: int, run: Run
) -> tuple[Floats, Floats]:
    """What the base model makes of the texts; kept on disk, for a training that goes on."""
    path = run.checkpoints / "before.safetensors"
    if not path.exists():
        found = [
            encode_all(model, queries, padding),
            encode_all(model, passages, padding, title="passages, before"),
        ]
        keep_vectors(path, found)
    asked, searched = kept_vectors(path)
    return asked, searched


def _watched(corpus: Corpus, held_out: Sequence[Numbers], seed: int) -> list[Example]:
    """Validation pairs, and among them what else is searched."""
    drawn = np.random.default_rng(seed).permutation(len(held_out))[:WATCHED].tolist()
    pairs = [held_out[at] for at in sorted(drawn)]
    passages = corpus.part((pair.query for pair in pairs), SEARCHED, seed)
    return [Example(pair, passages[at :: len(pairs)]) for at, pair in enumerate(pairs)]


def _warn_of_cuts(passages: TokenIds, max_length: int, run: Run) -> None:
    cut = sum(len(row) >= max_length for row in passages)
    if cut:
        run.warn(
            f"{cut:,} of {len(passages):,} passages are longer than {max_length} tokens and are"
            " not read to their end: cut them into shorter ones, or raise --max-length."
        )


def nearest_text(texts: Sequence[str], vectors: Floats, scale: float) -> Decide:
    """Which of all other texts is the nearest: what has to stay the same in every engine."""
    at = {text: number for number, text in enumerate(texts)}

    def decide(asked: list[str], rows: Floats) -> Probabilities:
        similarities = rows @ vectors.T * scale
        similarities[np.arange(len(asked)), [at[text] for text in asked]] = -np.inf
        odds = np.exp(similarities - similarities.max(axis=1, keepdims=True))
        probabilities: Probabilities = odds / odds.sum(axis=1, keepdims=True)
        return probabilities

    return decide
