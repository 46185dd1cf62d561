"""Turns the cells of a row into the numbers that a model computes with, at training and when served.

Numbers are scaled here, in double precision, so that the model loses nothing in single precision.
"""

import json
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

from cells import Cell, Kind
from features import MOST_CATEGORIES, Feature

FILE = "columns.json"
TARGET_FILE = "target.json"  # of a regression
DAY_0 = datetime(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Scale:
    mean: float
    spread: float  # standard deviation
    fill: float  # the median, which stands in for what is missing
    low: float
    high: float

    @classmethod
    def of(cls, numbers: Sequence[float]) -> Self:
        spread = statistics.pstdev(numbers)
        middle = statistics.median(numbers)
        return cls(statistics.fmean(numbers), spread or 1.0, middle, min(numbers), max(numbers))

    def apply(self, number: float) -> float:
        return (number - self.mean) / self.spread


@dataclass(frozen=True, slots=True)
class Column:
    """How one column is encoded; `has_gaps` where the training data misses some of its values."""

    name: str
    kind: Kind
    has_gaps: bool
    scales: list[Scale]  # of its number, or of the parts of its date
    categories: list[str]

    @property
    def width(self) -> int:
        return len(self.scales) + len(self.categories) + self.has_gaps

    def encode(self, cell: Cell) -> list[float]:
        if self.kind is Kind.CATEGORY:
            encoded = [float(cell == category) for category in self.categories]
        elif cell is None:
            encoded = [scale.apply(scale.fill) for scale in self.scales]
        else:
            pairs = zip(self.scales, _parts(cell), strict=False)
            encoded = [scale.apply(number) for scale, number in pairs]
        return [*encoded, float(cell is None)] if self.has_gaps else encoded

    def surprise(self, cell: Cell) -> str:
        """What about a cell the model has not learnt from, in a sentence; empty where nothing."""
        if cell is None or self.kind is Kind.FLAG:
            return ""
        if self.kind is Kind.CATEGORY:
            known = cell in self.categories
            return "" if known else f"{self.name}: {cell!r} was not among what the model learnt."
        if self.scales[0].low <= _parts(cell)[0] <= self.scales[0].high:
            return ""
        return f"{self.name}: {show_cell(cell)} is outside of {self.range}, which the model knows."

    @property
    def has_hours(self) -> bool:
        return len(self.scales) == len(_parts(DAY_0))

    @property
    def range(self) -> str:
        scale = self.scales[0]
        if self.kind is Kind.DATE:
            first, last = (DAY_0 + timedelta(days=int(day)) for day in (scale.low, scale.high))
            return f"{first:%Y-%m-%d} to {last:%Y-%m-%d}"
        return f"{scale.low:g} to {scale.high:g}"


@dataclass(frozen=True, slots=True)
class Encoder:
    columns: list[Column]

    @classmethod
    def fit(cls, features: Sequence[Feature], rows: Sequence[Mapping[str, Cell]]) -> Self:
        return cls(
            [_fit_column(feature, [row[feature.name] for row in rows]) for feature in features]
        )

    @classmethod
    def load(cls, artifact: Path) -> Self:
        facts = json.loads((artifact / FILE).read_text(encoding="utf-8"))
        return cls([_read_column(**column) for column in facts])

    def save(self, artifact: Path) -> None:
        facts = [asdict(column) for column in self.columns]
        text = json.dumps(facts, indent=1, ensure_ascii=False)
        (artifact / FILE).write_text(text, encoding="utf-8")

    def encode(self, cells: Sequence[Cell]) -> list[float]:
        """The cells of a row, in the order of the columns."""
        encoded: list[float] = []
        for column, cell in zip(self.columns, cells, strict=True):
            encoded += column.encode(cell)
        return encoded

    def encode_rows(self, rows: Sequence[Mapping[str, Cell]]) -> list[list[float]]:
        names = [column.name for column in self.columns]
        return [self.encode([row[name] for name in names]) for row in rows]


@dataclass(frozen=True, slots=True)
class Target:
    """How a number to be told is scaled, and how far off the estimates are."""

    mean: float
    spread: float
    half_width: float | None  # of an interval around an estimate; None where it is not known

    @classmethod
    def load(cls, artifact: Path) -> Self:
        return cls(**json.loads((artifact / TARGET_FILE).read_text(encoding="utf-8")))

    def save(self, artifact: Path) -> None:
        (artifact / TARGET_FILE).write_text(json.dumps(asdict(self)), encoding="utf-8")


def show_cell(cell: Cell) -> str:
    if isinstance(cell, float):
        return f"{cell:g}"
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "minutes").removesuffix(" 00:00")
    return "" if cell is None else str(cell)


def _fit_column(feature: Feature, cells: Sequence[Cell]) -> Column:
    filled = [cell for cell in cells if cell is not None]
    has_gaps = len(filled) < len(cells)
    if feature.kind is Kind.CATEGORY:
        return Column(feature.name, feature.kind, has_gaps, [], _most_frequent(filled))
    # A few rows may hold nothing at all of a column that is filled in others.
    parts = [_parts(cell) for cell in filled] or [
        _parts(DAY_0 if feature.kind is Kind.DATE else 0.0)
    ]
    has_hours = any(part[-1] for part in parts)
    used = [*zip(*parts, strict=True)][: None if has_hours or len(parts[0]) == 1 else -1]
    return Column(feature.name, feature.kind, has_gaps, [Scale.of(numbers) for numbers in used], [])


def _parts(cell: Cell) -> tuple[float, ...]:
    """A number as it is; of a date the day since 2000, month, weekday (0 is Monday) and hour."""
    if isinstance(cell, datetime):
        hours = cell.hour + cell.minute / 60
        return ((cell - DAY_0).days, cell.month, cell.weekday(), hours)
    assert isinstance(cell, float | bool)
    return (float(cell),)


def _most_frequent(cells: Sequence[Cell]) -> list[str]:
    counts = Counter(map(str, cells))
    ranked = sorted(counts, key=lambda name: (-counts[name], name))
    return sorted(ranked[:MOST_CATEGORIES])


def _read_column(kind: str, scales: list[dict[str, float]], **facts: Any) -> Column:
    return Column(kind=Kind(kind), scales=[Scale(**scale) for scale in scales], **facts)
