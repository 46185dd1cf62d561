"""Loads the table to learn from, and refuses data that no model should learn.

python train.py --data data/train.csv --columns target=price --ignore remarks
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from cells import Kind, read_number
from core.columns import Field, choose_columns
from core.dataset import DataSettings, fingerprint, load_rows
from core.errors import DataError, DataProblem, UserError, quote
from core.findings import Findings
from core.labels import find_rare_labels, find_unseen_labels, note_alike_labels
from core.sources import Row
from core.values import to_name
from examples import Example, find_leaks, find_twins, note_repeats, split, take
from features import Feature, choose_features, describe_features, find_faults
from leakage import is_copy, tells_alone
from target import Asked, find_target_faults, is_number_asked

TARGET_NAMES = ("label", "class", "outcome", "y")
FEWEST_ROWS = 20
LOOKED_AT = 5000  # rows, for columns that give the target away


def last(rows: Sequence[Row], names: Sequence[str]) -> list[str]:
    return list(names[-1:])


COLUMNS = (Field("target", TARGET_NAMES, last),)
FIELDS = tuple(field.name for field in COLUMNS)


class TableSettings(DataSettings, Protocol):
    @property
    def ignore(self) -> Sequence[str]: ...
    @property
    def kind(self) -> Asked: ...


@dataclass(frozen=True, slots=True)
class Layout:
    """Which columns are read, and as what."""

    target: str
    is_regression: bool
    features: list[Feature]


@dataclass(frozen=True, slots=True)
class Dataset:
    train: list[Example]
    validation: list[Example]
    layout: Layout
    labels: list[str]  # none in a regression
    notes: list[str]  # what was guessed, left out or looks odd
    fingerprint: str  # sha256 of all cells and targets, before `samples` takes some


def load_dataset(settings: TableSettings, findings: Findings | None = None) -> Dataset:
    """Read, check and split the data; the same settings give the same rows in the same order.

    Args:
        findings: Gets what is found on the way, also where it ends in an error.

    Raises:
        DataError: Each problem with file, row, column and what to do.
    """
    found = Findings() if findings is None else findings
    rows = load_rows(settings.data, found)
    layout = _lay_out(settings, rows, found)
    examples = _read(rows, layout, found)
    held_out: list[Example] = []
    if settings.validation:
        held_out = _read(_load_held_out(settings.validation, layout, found), layout, found)
    found.raise_problems()
    labels = [] if layout.is_regression else sorted({e.label for e in examples})
    twins = find_twins(examples)
    note_repeats(settings.data, twins, found.notes)
    note_alike_labels(settings.data, examples if labels else [], found.notes)
    found.problems += _find_problems(settings.data, examples, held_out, labels)
    found.problems += _find_giveaways(settings.data, examples, layout, found.notes)
    found.problems += find_leaks(twins, held_out, found.notes)
    found.raise_problems()
    digest = fingerprint(map(_to_json, examples + held_out))
    train, validation = examples, held_out
    if not settings.validation:
        train, validation = split(twins, settings.seed)
        found.notes.append(_explain_split(settings.data, len(validation), layout))
    if settings.samples is not None:
        train, validation = take(train, validation, settings.samples, settings.seed)
    found.summary |= {"train_rows": len(train), "validation_rows": len(validation)}
    return Dataset(train, validation, layout, labels, found.notes, digest)


def _lay_out(settings: TableSettings, rows: Sequence[Row], found: Findings) -> Layout:
    target = choose_columns(settings.data, rows, settings.columns, COLUMNS, found)["target"]
    names = list(dict.fromkeys(name for row in rows for name in row.values))
    for ignored in settings.ignore:
        if ignored not in names:
            raise UserError(f"--ignore {ignored}: no such column; there are {quote(*names)}.")
        if ignored == target:
            raise UserError(f"--ignore {ignored}: that is the target; say --columns target=NAME.")
    used = [name for name in names if name not in (target, *settings.ignore)]
    features = choose_features(settings.data, rows, used, found.notes)
    if not features:
        raise DataError(DataProblem(settings.data, "has no column to learn from but the target."))
    found.notes += describe_features(settings.data, features, rows)
    found.summary["columns"] = {feature.name: feature.kind.value for feature in features}
    is_regression = is_number_asked(settings.kind, settings.data, rows, target, found.notes)
    return Layout(target, is_regression, features)


def _load_held_out(source: str, layout: Layout, found: Findings) -> list[Row]:
    rows = load_rows(source, found)
    names = {name for row in rows for name in row.values}
    needed = [layout.target, *(feature.name for feature in layout.features)]
    if missing := [name for name in needed if name not in names]:
        message = f"lacks {quote(*missing)}, which the training data has."
        raise DataError(DataProblem(source, message))
    return rows


def _read(rows: Sequence[Row], layout: Layout, found: Findings) -> list[Example]:
    """The rows without a fault; the faults of the others go to `found`."""
    faults = find_faults(rows, layout.features)
    faults += find_target_faults(rows, layout.target, layout.is_regression)
    found.problems += faults
    broken = {(fault.file, fault.row) for fault in faults}
    return [_to_example(row, layout) for row in rows if (row.file, row.number) not in broken]


def _to_example(row: Row, layout: Layout) -> Example:
    cells = {
        feature.name: feature.read(row.values.get(feature.name)) for feature in layout.features
    }
    value = row.values[layout.target]
    target = read_number(value) if layout.is_regression else to_name(value)
    assert target is not None
    return Example(cells, target, row.file, row.number)


def _find_problems(
    source: str, examples: Sequence[Example], held_out: Sequence[Example], labels: Sequence[str]
) -> list[DataProblem]:
    if len(examples) < FEWEST_ROWS:
        message = f"{len(examples)} rows are too few; {FEWEST_ROWS} are the least."
        return [DataProblem(source, message)]
    if labels:
        return find_rare_labels(source, examples) + find_unseen_labels(held_out, labels)
    if len({example.target for example in examples}) == 1:
        message = f"the target is {examples[0].label} in every row; there is nothing to learn."
        return [DataProblem(source, message)]
    return []


def _find_giveaways(
    source: str, examples: Sequence[Example], layout: Layout, notes: list[str]
) -> list[DataProblem]:
    looked_at = examples[:: 1 + len(examples) // LOOKED_AT]
    target = [example.target for example in looked_at]
    copies = []
    for feature in layout.features:
        cells = [example.cells[feature.name] for example in looked_at]
        if is_copy(cells, target):
            copies.append(feature.name)
        elif tells_alone(cells, target):
            notes.append(
                f"{source}: {quote(feature.name)} alone tells the target nearly perfectly; if it is"
                f" not known yet when the model is asked, leave it out: --ignore {feature.name}."
            )
    advice = "is a copy of the target; delete it or say --ignore"
    return [DataProblem(source, f"{advice} {name}.", column=name) for name in copies]


def _explain_split(source: str, rows: int, layout: Layout) -> str:
    said = f"{source}: set {rows:,} rows apart to validate."
    if any(feature.kind is Kind.DATE for feature in layout.features):
        return (
            f"{said} They are drawn by chance, so the model has seen days like theirs; to know how"
            " it does on later ones, give those as --validation."
        )
    return said


def _to_json(example: Example) -> list[object]:
    cells = example.cells.values()
    shown = [cell.isoformat() if isinstance(cell, datetime) else cell for cell in cells]
    return [shown, example.target]
