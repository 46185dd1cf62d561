"""Decides what a model learns of the target, a class or a number, and which values are neither."""

from collections.abc import Sequence
from typing import Literal

from cells import Kind, is_blank, read_number
from core.errors import DataProblem, quote, shorten
from core.labels import LABEL_KINDS, explain_label
from core.sources import Row
from core.values import usual_kind
from kinds import find_kind

Asked = Literal["auto", "classification", "regression"]
MOST_CLASSES = 10  # different whole numbers that can be classes


def is_number_asked(
    kind: Asked, source: str, rows: Sequence[Row], column: str, notes: list[str]
) -> bool:
    """Whether it is a regression: as asked, or as the values of the target look, which is noted."""
    if kind != "auto":
        return kind == "regression"
    values = [row.values.get(column) for row in rows]
    numbers = {number for value in values if (number := read_number(value)) is not None}
    has_numbers = find_kind(values) is Kind.NUMBER
    is_regression = has_numbers and (
        len(numbers) > MOST_CLASSES or not all(map(float.is_integer, numbers))
    )
    notes.append(f"{source}: {_explain_kind(column, has_numbers, is_regression, len(numbers))}")
    return is_regression


def _explain_kind(column: str, has_numbers: bool, is_regression: bool, different: int) -> str:
    if not has_numbers:
        return f"{quote(column)} holds no numbers: a classification."
    if is_regression:
        return (
            f"{quote(column)} holds {different:,} different numbers: a regression; for classes, say"
            " --kind classification."
        )
    return (
        f"{quote(column)} holds few different numbers ({different}): a classification; to learn"
        " them as numbers, say --kind regression."
    )


def find_target_faults(rows: Sequence[Row], column: str, is_regression: bool) -> list[DataProblem]:
    """Every row whose target cannot be learnt."""
    values = [row.values.get(column) for row in rows]
    usual = usual_kind((value for value in values if not is_blank(value)), LABEL_KINDS)
    problems = []
    for row in rows:
        value = row.values.get(column)
        message = _explain_number(value) if is_regression else explain_label(value, usual)
        if message:
            problems.append(DataProblem(row.file, message, row.number, column))
    return problems


def _explain_number(value: object) -> str:
    if is_blank(value):
        return "is missing; write a number or delete the row."
    if read_number(value) is None:
        return f"is {shorten(value)}, which is no number; mend it or delete the row."
    return ""
