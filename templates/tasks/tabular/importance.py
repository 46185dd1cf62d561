"""Measures what each column is worth to a model: how much worse it gets when that column is shuffled."""

import math
from collections.abc import Callable, Sequence

import numpy as np

from core.report import Bar, Bars
from encoding import Encoder
from examples import Example
from goals import Goal
from table import Floats, Matrix

SHUFFLES = 5
MOST_ROWS = 1000
MOST_SHOWN = 30


def show_importance(
    goal: Goal,
    encoder: Encoder,
    score: Callable[[Matrix], Floats],
    unseen: Sequence[Example],
    matrix: Matrix,
    seed: int,
) -> Bars:
    unseen, matrix = unseen[:MOST_ROWS], matrix[:MOST_ROWS]
    random = np.random.default_rng(seed)
    usual = goal.loss_of(goal.evaluate(score(matrix), unseen))
    losses: dict[str, float] = {}
    start = 0
    for column in encoder.columns:
        place = slice(start, start + column.width)
        start += column.width
        worse = []
        for _ in range(SHUFFLES):
            shuffled = matrix.copy()
            shuffled[:, place] = matrix[random.permutation(len(matrix)), place]
            worse.append(goal.loss_of(goal.evaluate(score(shuffled), unseen)) - usual)
        losses[column.name] = float(np.mean(worse))
    return _show(losses, goal.loss)


def _show(losses: dict[str, float], loss: str) -> Bars:
    ranked = sorted(losses.items(), key=lambda item: -item[1])[:MOST_SHOWN]
    most = max(ranked[0][1], np.finfo(np.float64).tiny)
    decimals = max(0, 2 - math.floor(math.log10(most))) if ranked[0][1] > 0 else 2
    return Bars(
        title="What each column is worth",
        note=(
            f"How much the {loss} rises when the column's values are shuffled among the validation"
            f" rows, on average over {SHUFFLES} times. Columns that say the same share their worth."
        ),
        bars=[
            # What falls by chance is worth nothing.
            Bar(name, max(0.0, worth / most), f"{max(0.0, worth):.{decimals}f}", f"{worth:+.3g}")
            for name, worth in ranked
        ],
    )
