"""Loads the conversations or texts to learn from, and refuses data that no model should learn.

python train.py --data data/train.csv --columns prompt=question --columns completion=answer
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from core.columns import choose_columns
from core.dataset import VALIDATION_SHARE, DataSettings, count, fingerprint, load_rows
from core.errors import DataError, DataProblem
from core.findings import Findings
from forms import FIELDS, Example, Form, choose_form, read_row

__all__ = ["FIELDS", "Dataset", "Example", "load_dataset"]

# By what they hold, where rows that differ in case or spacing only are the same.
Examples = dict[str, Example]


@dataclass(frozen=True, slots=True)
class Dataset:
    form: Form
    train: list[Example]
    validation: list[Example]
    notes: list[str]  # what was guessed, dropped or looks odd
    fingerprint: str  # sha256 of all that is learnt from, before `samples` takes some


def load_dataset(settings: DataSettings, findings: Findings | None = None) -> Dataset:
    """Read, check and split the data; the same settings give the same rows in the same order.

    Args:
        findings: Gets what is found on the way, also where it ends in an error.

    Raises:
        DataError: Each problem with file, row, column and what to do.
    """
    found = Findings() if findings is None else findings
    form, examples = _load(settings.data, settings.columns, found)
    held_out: Examples = {}
    if settings.validation:
        other, held_out = _load(settings.validation, settings.columns, found)
        if other is not form:
            message = f"holds {other.plural}, but {settings.data} {form.plural}."
            raise DataError(DataProblem(settings.validation, message))
    found.raise_problems()
    found.problems += _find_leaks(examples, held_out)
    found.raise_problems()
    train, validation = list(examples.values()), list(held_out.values())
    digest = fingerprint(example.content for example in chain(train, validation))
    random.Random(settings.seed).shuffle(train)
    if not settings.validation:
        train, validation = _split(settings.data, train)
        found.notes.append(f"{settings.data}: set {len(validation):,} rows apart to validate.")
    if settings.samples is not None:
        train, validation = train[: settings.samples], validation[: settings.samples]
    found.summary |= {
        "form": form.plural,
        "train_rows": len(train),
        "validation_rows": len(validation),
    }
    return Dataset(form, train, validation, found.notes, digest)


def _load(source: str, columns: Mapping[str, str], found: Findings) -> tuple[Form, Examples]:
    rows = load_rows(source, found)
    form = choose_form(rows, columns)
    chosen = choose_columns(source, rows, columns, form.fields, found)
    examples: Examples = {}
    repeated: list[Example] = []
    for row in rows:
        example = read_row(row, form, chosen, found.problems)
        if example and examples.setdefault(example.key, example) is not example:
            repeated.append(example)
    if repeated:
        number = count(len(repeated), "row that repeats", "rows that repeat")
        found.notes.append(f"{source}: dropped {number} another, first {repeated[0].place}.")
    return form, examples


def _find_leaks(train: Examples, validation: Examples) -> list[DataProblem]:
    return [
        DataProblem(
            example.file,
            f"is in the training data too, {train[key].place}; delete one of them.",
            example.number,
        )
        for key, example in validation.items()
        if key in train
    ]


def _split(source: str, examples: Sequence[Example]) -> tuple[list[Example], list[Example]]:
    if len(examples) < 2:
        rows = count(len(examples), "different row is", "different rows are")
        message = f"{rows} too few to set some apart; add rows."
        raise DataError(DataProblem(source, message))
    kept = len(examples) - max(1, round(len(examples) * VALIDATION_SHARE))
    return list(examples[:kept]), list(examples[kept:])
