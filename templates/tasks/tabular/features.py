"""Chooses the columns that a model can learn from, and says what was left out and why."""

from collections.abc import Sequence
from dataclasses import dataclass

from cells import READERS, Cell, Kind, is_blank
from core.dataset import count
from core.errors import DataProblem, quote
from core.sources import Row
from kinds import explain_cell, find_kind

MANY = 0.5  # share of different values from which on a category says nothing about other rows
FEWEST = 20  # values that are needed to tell that
MOSTLY_BLANK = 0.95
MOST_CATEGORIES = 100  # of a column, that a model learns
ID_NAMES = ("id", "index", "uuid", "guid", "key", "row")


@dataclass(frozen=True, slots=True)
class Feature:
    """A column that the model learns from."""

    name: str
    kind: Kind

    def read(self, value: object) -> Cell:
        return None if is_blank(value) else READERS[self.kind](value)


def choose_features(
    source: str, rows: Sequence[Row], names: Sequence[str], notes: list[str]
) -> list[Feature]:
    """Those of the columns `names` that differ from row to row and are no running number."""
    features, left_out = [], []
    for name in names:
        values = [row.values.get(name) for row in rows]
        kind = find_kind(values)
        if reason := _useless(name, values, kind):
            left_out.append(f"{quote(name)} ({reason})")
        else:
            features.append(Feature(name, kind))
    if left_out:
        columns = count(len(left_out), "column", "columns")
        notes.append(f"{source}: left out {columns}: {', '.join(left_out)}.")
    return features


def find_faults(rows: Sequence[Row], features: Sequence[Feature]) -> list[DataProblem]:
    """Every cell that is not of its column's kind."""
    return [
        DataProblem(row.file, message, row.number, feature.name)
        for row in rows
        for feature in features
        if (message := explain_cell(row.values.get(feature.name), feature.kind))
    ]


def describe_features(source: str, features: Sequence[Feature], rows: Sequence[Row]) -> list[str]:
    """Sentences about how the columns are read, and about their gaps."""
    by_kind = {kind: [f.name for f in features if f.kind is kind] for kind in Kind}
    read = [f"{kind}: {quote(*names)}" for kind, names in by_kind.items() if names]
    notes = [f"{source}: read as {'; as '.join(read)}."]
    for feature in features:
        cells = [feature.read(row.values.get(feature.name)) for row in rows]
        if gaps := cells.count(None):
            notes.append(f"{source}: {_explain_gaps(feature, gaps, len(rows))}")
        if feature.kind is Kind.CATEGORY and len(set(cells)) > MOST_CATEGORIES:
            notes.append(
                f"{source}: {quote(feature.name)} has {len(set(cells)):,} different texts; the"
                f" {MOST_CATEGORIES} most frequent ones are learnt, others say nothing."
            )
    return notes


def _explain_gaps(feature: Feature, gaps: int, rows: int) -> str:
    by = "a category of its own" if feature.kind is Kind.CATEGORY else "filled with the median"
    return (
        f"{quote(feature.name)} is missing in {gaps:,} rows ({gaps / rows:.1%}); {by}, and marked."
    )


def _useless(name: str, values: Sequence[object], kind: Kind) -> str:
    """Why nothing can be learnt from a column; empty where something can."""
    if not name:
        return "it has no name"
    filled = [READERS[kind](value) for value in values if not is_blank(value)]
    if not filled:
        return "empty"
    if None in filled:  # first of all it has mistakes, which are all reported
        return ""
    different = len(set(filled))
    if len(filled) < (1 - MOSTLY_BLANK) * len(values):
        return f"{1 - len(filled) / len(values):.1%} missing"
    if different == 1 and len(filled) == len(values):
        return "the same in every row"
    if len(filled) < FEWEST:
        return ""
    if kind is Kind.CATEGORY and different > MANY * len(filled):
        return "another text in most rows, so an id or free text"
    numbers = [cell for cell in filled if isinstance(cell, float)]
    if kind is Kind.NUMBER and _counts_rows(name, numbers):
        return "a running number or an id"
    return ""


def _counts_rows(name: str, numbers: Sequence[float]) -> bool:
    """Whole numbers, each once: without a gap, or in a column that is called an id."""
    if len(set(numbers)) < len(numbers) or not all(map(float.is_integer, numbers)):
        return False
    has_no_gap = max(numbers) - min(numbers) == len(numbers) - 1
    words = name.lower().replace("-", "_").replace(" ", "_").split("_")
    return has_no_gap or words[-1] in ID_NAMES or name.endswith("Id")
