"""What the report shows of answers: how they score, how long they are, and what they say."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.dataset import count
from core.errors import shorten
from core.report import Bar, Bars, Chart, Line, Pair, Pairs, Point, Section, Table
from evaluation import NAMES, Evaluation, Floats
from split import Example
from writer import Answer

MARK = 3.5  # radius of a point
GROUPS = 4  # of rows, by the length of their source
EXAMPLES = 6
EXCERPT = 400  # characters
DECIDING = ("chrf", "rouge_l")  # which way to write is the better one
BLANK = "(blank)"


@dataclass(frozen=True, slots=True)
class Judged:
    pairs: Sequence[Example]
    answers: Sequence[Answer]
    model: Evaluation
    baseline: Evaluation


@dataclass(frozen=True, slots=True)
class Decoding:
    """One way to write answers, and what it is worth."""

    beams: int
    metrics: Mapping[str, float]
    seconds: float  # per text
    is_served: bool


def describe(judged: Judged, decodings: Sequence[Decoding]) -> list[Section]:
    order = np.argsort(-judged.model.chrf, kind="stable").tolist()
    return [
        _scores(judged),
        _lengths(judged),
        _by_source_length(judged),
        _habits(judged),
        _decodings(decodings),
        _examples("Best answers", judged, order[:EXAMPLES]),
        _examples("Worst answers", judged, order[::-1][:EXAMPLES]),
    ]


def _scores(judged: Judged) -> Chart:
    def line(name: str, values: Floats, dashed: bool = False) -> Line:
        shares = (np.arange(len(values)) + 0.5) / len(values)
        ordered = np.sort(values)
        points = [Point(x, y) for x, y in zip(shares.tolist(), ordered.tolist(), strict=True)]
        return Line(name, points, dashed)

    return Chart(
        "How the rows score",
        "Share of the validation rows, worst first",
        "chrF",
        [line("Model", judged.model.chrf), line("Baseline", judged.baseline.chrf, dashed=True)],
        note="At 0.5 stands the score that half of the answers reach.",
        x_range=(0.0, 1.0),
        y_range=(0.0, 1.0),
    )


def _lengths(judged: Judged) -> Chart:
    points = [
        Point(len(pair.target), len(answer.text), pair.place, MARK)
        for pair, answer in zip(judged.pairs, judged.answers, strict=True)
    ]
    longest = max(point.x for point in points)
    return Chart(
        "How long the answers are",
        "Characters of the target",
        "Characters of the answer",
        [
            Line("Validation rows", points, joined=False),
            Line("As long as the target", [Point(0, 0), Point(longest, longest)], dashed=True),
        ],
    )


def _by_source_length(judged: Judged) -> Bars:
    lengths = np.array([len(pair.source) for pair in judged.pairs])
    edges = np.unique(np.quantile(lengths, np.linspace(0, 1, GROUPS + 1)[1:-1], method="lower"))
    groups = np.searchsorted(edges, lengths)
    return Bars(
        "ChrF by the length of the source",
        [_bar(lengths, groups == group, judged) for group in np.unique(groups)],
        note="The tick is the baseline.",
    )


def _bar(lengths: NDArray[np.intp], chosen: NDArray[np.bool_], judged: Judged) -> Bar:
    low, high = int(lengths[chosen].min()), int(lengths[chosen].max())
    value = float(judged.model.chrf[chosen].mean())
    return Bar(
        f"{low:,} to {high:,} characters",
        value,
        f"{value:.3f}",
        detail=count(int(chosen.sum()), "row", "rows"),
        baseline=float(judged.baseline.chrf[chosen].mean()),
    )


def _habits(judged: Judged) -> Table:
    """What goes wrong with all answers at once."""
    texts = [answer.text for answer in judged.answers]
    rows = len(texts)
    counts = Counter(texts)
    ((most_often, times),) = counts.most_common(1)
    cut = sum(answer.finish_reason == "length" for answer in judged.answers)
    copied = sum(text == pair.source for text, pair in zip(texts, judged.pairs, strict=True))
    lengths = [len(text) / len(pair.target) for text, pair in zip(texts, judged.pairs, strict=True)]
    return Table(
        "Habits",
        ["What", "Answers"],
        [
            ["cut off at the most tokens that an answer may have", f"{cut / rows:.1%}"],
            ["the source itself", f"{copied / rows:.1%}"],
            ["blank", f"{texts.count('') / rows:.1%}"],
            ["given to one row only", f"{[*counts.values()].count(1) / rows:.1%}"],
            [f"given most often: {shorten(most_often) or BLANK}", f"{times / rows:.1%}"],
            ["length, as a share of the target's, in the median", f"{np.median(lengths):.1%}"],
        ],
        note="The same answer to many sources means that it has not learnt to read them yet.",
    )


def _decodings(decodings: Sequence[Decoding]) -> Table:
    return Table(
        "Ways to write",
        ["Beams", *(NAMES[name] for name in DECIDING), "ms per text"],
        [
            [d.beams, *(d.metrics[name] for name in DECIDING), round(d.seconds * 1000, 1)]
            for d in decodings
        ],
        note="On a part of the rows, on this machine. Requests may choose with `num_beams`; the"
        " row that stands out is what they get otherwise.",
        chosen=[found.is_served for found in decodings].index(True),
    )


def _examples(title: str, judged: Judged, rows: Sequence[int]) -> Pairs:
    return Pairs(
        title,
        [
            Pair(
                asked=judged.pairs[row].source[:EXCERPT],
                answered=judged.answers[row].text[:EXCERPT] or BLANK,
                expected=judged.pairs[row].target[:EXCERPT],
                place=f"{judged.pairs[row].place}, chrF {judged.model.chrf[row]:.2f}"
                f" against {judged.baseline.chrf[row]:.2f} of the baseline",
            )
            for row in rows
        ],
    )
