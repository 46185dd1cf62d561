"""Exports the model with engines that are held against it: each text has to keep its nearest one."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sentence_transformers import SentenceTransformer

from base import Embedder, with_prompt
from core.engine import Decide, Probabilities
from core.export import export_encoder
from corpus import Corpus, Judged, Numbers
from evaluation import Floats, Vectors
from texts import Tokens

ASKED = 150  # queries, at the most, that every engine encodes, and the passages that answer them
AMONG = 2000  # passages, at the most, that these are looked for among
SCALE = 20  # of similarities, for shares that can be told apart


def export_retriever(
    model: SentenceTransformer,
    corpus: Corpus,
    train: Sequence[Numbers],
    judged: Judged,
    vectors: Vectors,
    tokens: Tokens,
    folder: Path,
    *,
    debug: bool,
) -> dict[str, Any]:
    """
    Args:
        vectors: Of the judged queries and of all passages, by `model`.
        debug: As `export_encoder` takes it.
    """
    queries = with_prompt(model, "query", corpus.queries)
    passages = with_prompt(model, "document", corpus.passages)
    asked = judged.queries[:ASKED]
    answers = sorted({number for row in judged.relevant[:ASKED] for number in row})
    near = corpus.part(asked, AMONG, seed=0)
    decide = nearest_text(
        [queries[number] for number in asked] + [passages[number] for number in near],
        np.concatenate([vectors.queries[:ASKED], vectors.passages[near]]),
    )
    return export_encoder(
        Embedder(model),
        model.tokenizer,
        folder,
        [queries[pair.query] for pair in train] + [passages[pair.passage] for pair in train],
        [queries[number] for number in asked] + [passages[number] for number in answers],
        tokens.max_length,
        decide=decide,
        cascades=False,
        debug=debug,
    )


def nearest_text(texts: Sequence[str], vectors: Floats) -> Decide:
    """Which of all other texts is the nearest, as shares of all of them."""
    at = {text: number for number, text in enumerate(texts)}

    def decide(asked: list[str], rows: Floats) -> Probabilities:
        similarities = rows @ vectors.T * SCALE
        similarities[np.arange(len(asked)), [at[text] for text in asked]] = -np.inf
        odds = np.exp(similarities - similarities.max(axis=1, keepdims=True))
        shares: Probabilities = odds / odds.sum(axis=1, keepdims=True)
        return shares

    return decide
