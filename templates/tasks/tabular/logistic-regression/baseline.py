"""The least baseline: the same answer to every row, whatever it holds."""

from collections.abc import Sequence
from typing import Any

from examples import Example
from goals import Goal
from table import Matrix, Table


def evaluate_baseline(
    goal: Goal, known: Sequence[Example], table: Table, unseen: Sequence[Example], matrix: Matrix
) -> tuple[str, Any]:
    """Its name, and how it does on the rows `unseen`."""
    return goal.least, goal.evaluate_least(known, unseen)
