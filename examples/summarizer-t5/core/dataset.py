"""Loads the rows of a data set: what is in it, what is said of it, and its fingerprint."""

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol

from core.errors import DataError, DataProblem
from core.findings import Findings
from core.sources import Row, ignored_files, read_rows

VALIDATION_SHARE = 0.15


class DataSettings(Protocol):
    """The part of a configuration that says which data to use."""

    @property
    def data(self) -> str: ...
    @property
    def validation(self) -> str: ...
    @property
    def columns(self) -> Mapping[str, str]: ...
    @property
    def samples(self) -> int | None: ...
    @property
    def seed(self) -> int: ...


class TrainingData(Protocol):
    """What the end of a training has to know about the data of any task."""

    @property
    def train(self) -> Sequence[object]: ...
    @property
    def validation(self) -> Sequence[object]: ...
    @property
    def notes(self) -> list[str]: ...
    @property
    def fingerprint(self) -> str: ...


def load_rows(source: str, found: Findings, referred: Collection[str] = ()) -> list[Row]:
    """All rows of `source`, counted in `found`, which is told what was joined and passed over.

    Args:
        referred: Endings of files that the rows refer to, which are not passed over.

    Raises:
        DataError: It cannot be read, or is empty.
    """
    rows = read_rows(source)
    if not rows:
        raise DataError(DataProblem(source, "holds no rows."))
    found.rows += len(rows)
    files = Counter(row.file for row in rows)
    if len(files) > 1:
        joined = ", ".join(f"{file} ({number:,} rows)" for file, number in files.items())
        found.notes.append(f"{source}: joined {joined}.")
    if ignored := [n for n in ignored_files(source) if not n.lower().endswith(tuple(referred))]:
        found.notes.append(f"{source}: passed over {', '.join(ignored)}.")
    return rows


def fingerprint(values: Iterable[object]) -> str:
    """SHA-256 of values that JSON can hold, in their order."""
    digest = hashlib.sha256()
    for value in values:
        digest.update(json.dumps(value).encode() + b"\n")
    return digest.hexdigest()


def count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
