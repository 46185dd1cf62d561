"""What a retriever's report shows: how far one has to read, and which queries it fails."""

from collections.abc import Sequence

import numpy as np

from core.report import Chart, Line, Mistake, Mistakes, Pair, Pairs, Point, Section, Table
from corpus import Corpus, Judged
from data import Dataset
from evaluation import AT, DEPTH, LENGTH, Search

READ = 20  # results that somebody looks through
EXAMPLES = 6
MISTAKES = 10
EXCERPT = 300  # characters


def describe(
    searches: Sequence[Search],
    ours: int,
    dataset: Dataset,
    corpus: Corpus,
    judged: Judged,
) -> list[Section]:
    """
    Args:
        searches: Those that need no training, the model, and its vectors cut short.
        ours: Which of them is the model.
    """
    before, model = searches[ours - 1], searches[ours]
    return [
        _compare(searches, ours),
        _reach(searches[: ours + 1]),
        _changes(before, model, corpus, judged),
        _failures(model, dataset, corpus, judged),
    ]


def _compare(searches: Sequence[Search], ours: int) -> Table:
    names = [f"NDCG{AT}", f"Recall{AT}", f"MRR{AT}", "First is right"]
    return Table(
        "Before and after",
        ["Search", *names],
        [
            [search.name, *(f"{value:.3f}" for value in search.evaluation.metrics.values())]
            for search in searches
        ],
        note="NDCG and MRR count an answer more, the higher up it stands; Recall is the share of"
        f" a query's answers that are among the first {LENGTH}.",
        chosen=ours,
    )


def _reach(searches: Sequence[Search]) -> Chart:
    def line(search: Search, dashed: bool) -> Line:
        first = search.evaluation.first
        shares = [(first <= place).mean() for place in range(1, READ + 1)]
        points = [Point(at, float(share)) for at, share in enumerate(shares, start=1)]
        return Line(search.name, points, dashed)

    return Chart(
        "How far one has to read",
        "Results that are read",
        "Queries that are answered",
        [line(search, search is not searches[-1]) for search in searches],
        x_range=(0, READ),
        y_range=(0.0, 1.0),
    )


def _changes(before: Search, model: Search, corpus: Corpus, judged: Judged) -> Pairs:
    """Half of them the largest gains, half the largest losses."""
    gains = model.evaluation.ndcg - before.evaluation.ndcg
    order = np.argsort(-gains, kind="stable").tolist()
    half = EXAMPLES // 2
    chosen = [at for at in order[:half] if gains[at] > 0]
    chosen += [at for at in order[-half:] if gains[at] < 0]
    return Pairs(
        "What the training changed most",
        [
            Pair(
                asked=corpus.queries[judged.queries[at]],
                answered=_excerpt(corpus.passages[model.evaluation.lists[at][0]]),
                expected=_excerpt(corpus.passages[corpus.relevant[judged.queries[at]][0]]),
                place=f"from {_place(before, at)} to {_place(model, at)}",
            )
            for at in chosen
        ],
        note="The answer's place in the list, before and after; shown is what is found first now.",
    )


def _failures(model: Search, dataset: Dataset, corpus: Corpus, judged: Judged) -> Mistakes:
    found = model.evaluation
    places = {pair.query: pair.place for pair in reversed(dataset.validation)}
    worst = [at for at in np.argsort(-found.first, kind="stable").tolist() if found.first[at] > 1]
    return Mistakes(
        "Queries whose answer is furthest down",
        [
            Mistake(
                excerpt=corpus.queries[judged.queries[at]],
                truth=_excerpt(corpus.passages[corpus.relevant[judged.queries[at]][0]]),
                predicted=_excerpt(corpus.passages[found.lists[at][0]]),
                place=places[corpus.queries[judged.queries[at]]],
                sureness=f"the answer stands at {_place(model, at)}",
            )
            for at in worst[:MISTAKES]
        ],
        note="Some passages that stand before may answer too: the data does not say so.",
    )


def _place(search: Search, at: int) -> str:
    first = int(search.evaluation.first[at])
    return f"place {first}" if first <= DEPTH else f"a place beyond {DEPTH}"


def _excerpt(text: str) -> str:
    return text if len(text) <= EXCERPT else f"{text[: EXCERPT - 1]}…"
