"""The linear model: trained at once, and what trees have to beat to be worth it."""

from collections.abc import Sequence
from typing import Any

from estimators import fit_linear, name_linear, predict
from examples import Example
from goals import Goal
from table import Matrix, Table


def evaluate_baseline(
    goal: Goal, known: Sequence[Example], table: Table, unseen: Sequence[Example], matrix: Matrix
) -> tuple[str, Any]:
    """Its name, and how it does on the rows `unseen`, which are `matrix`."""
    scores = predict(fit_linear(table), matrix)
    return name_linear(table.classes), goal.evaluate(scores, unseen)
