"""The end of every retriever's training: judge it against searches that need none, then publish it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from config import ALGORITHM, Config
from core.comparison import Measure, compare, judge_rows
from core.publish import Outcome, publish
from core.report import Figure, Verdict
from core.run import Run
from corpus import Corpus, Judged
from data import Dataset
from evaluation import AT, LENGTH, Evaluation, Search, Vectors, evaluate_vectors
from figures import describe
from schemas import Input, Output

LIMITS = (
    "Its vectors can be compared with those of this very model only: after a training, embed all"
    " passages again. It always finds something; look at the similarity."
)


def publish_retriever(
    run: Run,
    config: Config,
    dataset: Dataset,
    corpus: Corpus,
    judged: Judged,
    vectors: Vectors,
    untrained: Sequence[Search],
    engine: Mapping[str, Any],
) -> Path:
    """Judge, report and seal a retriever; returns the artifact: the run's folder.

    Args:
        vectors: By the trained model.
        untrained: Searches that it has to beat, all of them.
    """
    model = evaluate_vectors(vectors, judged.relevant)
    shorter = [
        Search(
            f"its first {length:,} numbers",
            evaluate_vectors(_cut(vectors, length), judged.relevant),
        )
        for length in config.dimensions
    ]
    best = max(untrained, key=lambda search: search.evaluation.ndcg.mean())
    return publish(
        run,
        Outcome(
            task="embeddings",
            algorithm=ALGORITHM,
            takes=Input,
            answers=Output,
            verdict=_judge(model, best),
            metrics=model.metrics,
            baseline={
                "name": best.name,
                "metrics": best.evaluation.metrics,
                "all": {search.name: search.evaluation.metrics for search in untrained},
            },
            data=dataset,
            pipeline_tag="sentence-similarity",
            sections=describe(
                [*untrained, Search("this model", model), *shorter],
                len(untrained),
                dataset,
                corpus,
                judged,
            ),
            limits=LIMITS,
            engine=engine,
        ),
    )


def _cut(vectors: Vectors, length: int) -> Vectors:
    """The beginnings; the passages' at length 1 again, without which no order is right."""
    queries, passages = (rows[:, :length] for rows in vectors)
    return Vectors(queries, passages / np.linalg.norm(passages, axis=1, keepdims=True))


def _judge(model: Evaluation, best: Search) -> Verdict:
    verdict = judge_rows(
        Measure(f"NDCG{AT}"),
        model.ndcg,
        best.evaluation.ndcg,
        f"the better of what needs no training, {best.name}",
        "queries",
        _figures(model, best.evaluation),
    )
    if verdict.mood == "good":
        return verdict
    return replace(verdict, detail=f"{verdict.detail} Use {best.name} instead of this model.")


def _figures(model: Evaluation, baseline: Evaluation) -> list[Figure]:
    ours, theirs = model.metrics, baseline.metrics
    names = {
        f"ndcg_at_{LENGTH}": f"NDCG{AT}",
        f"recall_at_{LENGTH}": f"Recall{AT}",
        f"mrr_at_{LENGTH}": f"MRR{AT}",
        "hit_rate_at_1": "First is right",
    }
    return [compare(name, ours[key], theirs[key]) for key, name in names.items()]
