"""What the report of a model shows that has learnt from pairs: how sure it is, and where it is wrong."""

from collections.abc import Mapping, Sequence

import numpy as np

from checks import Pair, characters
from conversations import show
from core.dataset import count
from core.report import Bar, Bars, Chart, Line, Mistake, Mistakes, Point, Section
from preferences import Floats, wins

SAME_LENGTH = 0.1  # answers that differ by less are about as long
MISTAKES = 10
EXCERPT = 600  # characters


def describe(
    pairs: Sequence[Pair],
    margins: Floats,
    baseline: Floats,
    others: Mapping[str, Floats],
    unit: str,
) -> list[Section]:
    """
    Args:
        margins: How far the model puts the chosen answer ahead in each pair, in `unit`.
        baseline: Which pairs the baseline has right.
        others: Margins to draw beside them, by name.
    """
    return [
        _spread({"Model": margins, **others}, unit),
        _by_length(pairs, wins(margins), baseline),
        _worst(pairs, margins, unit),
    ]


def _spread(margins: Mapping[str, Floats], unit: str) -> Chart:
    def line(name: str, values: Floats) -> Line:
        shares = (np.arange(len(values)) + 1) / len(values)
        points = zip(np.sort(values).tolist(), shares.tolist(), strict=True)
        return Line(name, [Point(x, y) for x, y in points], dashed=name != "Model")

    return Chart(
        "How far the chosen answer is ahead",
        f"Chosen minus rejected answer, in {unit}",
        "Share of the pairs, up to there",
        [line(name, values) for name, values in margins.items()],
        note="Left of 0 the rejected answer wins: the lower a line is there, the better.",
        y_range=(0.0, 1.0),
    )


def _by_length(pairs: Sequence[Pair], ours: Floats, theirs: Floats) -> Bars:
    lengths = np.array([[characters(pair.chosen), characters(pair.rejected)] for pair in pairs])
    ratio = np.log(lengths[:, 0] / lengths[:, 1])
    about = np.log1p(SAME_LENGTH)
    groups = {
        "Chosen longer": ratio > about,
        "Alike": abs(ratio) <= about,
        "Chosen shorter": ratio < -about,
    }
    return Bars(
        "Right by length",
        [
            Bar(
                f"{name}, {count(int(chosen.sum()), 'pair', 'pairs')}",
                float(ours[chosen].mean()),
                f"{ours[chosen].mean():.1%}",
                baseline=float(theirs[chosen].mean()),
            )
            for name, chosen in groups.items()
            if chosen.any()
        ],
        note="The tick is the baseline. A model that is right about the longer answers alone has"
        " learnt the length.",
    )


def _worst(pairs: Sequence[Pair], margins: Floats, unit: str) -> Mistakes:
    order = [place for place in np.argsort(margins).tolist() if margins[place] < 0]
    return Mistakes(
        "Where it prefers the rejected answer most",
        [
            Mistake(
                _excerpt(show(pairs[place].prompt)),
                _excerpt(show(pairs[place].chosen)),
                _excerpt(show(pairs[place].rejected)),
                pairs[place].place,
                f"{-margins[place]:.2f} {unit} ahead",
            )
            for place in order[:MISTAKES]
        ],
    )


def _excerpt(text: str) -> str:
    return text if len(text) <= EXCERPT else f"{text[: EXCERPT - 1]}…"
