"""Rows of CSV, TSV, JSON and JSONL files, numbered as the models number them."""

import codecs
import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, TextIO

from app.ml.cells import is_deep

MEBIBYTE = 1024 * 1024
CHUNK = MEBIBYTE
MAX_JSON = 64 * MEBIBYTE  # it is read whole, and takes some ten times as much memory
MAX_HEADER = MEBIBYTE  # characters
MAX_COLUMNS = 1000
LIMIT = 20  # problems shown at once
OBJECT = 'an object like {"text": …, "label": …}'


class Row(NamedTuple):
    """`number` is what an editor shows: the line of CSV and JSONL, else the record, from 1."""

    number: int
    values: dict[str, object]


class RowProblem(NamedTuple):
    number: int | None
    message: str

    def __str__(self) -> str:
        return self.message if self.number is None else f"row {self.number}: {self.message}"


class TableError(Exception):
    """What makes a file unreadable, place by place; `count` is beyond those that are shown."""

    def __init__(self, *problems: RowProblem, count: int | None = None) -> None:
        self.problems = problems
        self.count = count or len(problems)
        super().__init__("; ".join(map(str, problems)))


def broken(message: str, number: int | None = None) -> TableError:
    return TableError(RowProblem(number, message))


def read_csv(path: Path) -> Iterator[Row | RowProblem]:
    """Cells as texts, under the names in the first row; comma, semicolon or tab."""
    _check_encoding(path)
    line = 1
    columns: list[str] = []
    try:
        delimiter = _sniff_delimiter(path)
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, delimiter=delimiter, strict=True)
            for cells in reader:
                if not columns:
                    columns = _column_names(cells)
                elif len(cells) == len(columns):
                    yield Row(line, dict(zip(columns, cells, strict=True)))
                elif cells:
                    message = f"has {len(cells)} of {len(columns)} values; put a text with"
                    yield RowProblem(line, f"{message} {delimiter!r} in it between double quotes.")
                line = reader.line_num + 1  # a quoted value may span lines
    except csv.Error as error:
        yield RowProblem(line, _explain(error))


def _explain(error: csv.Error) -> str:
    if "field larger" in str(error):  # also where a quote opens and never closes
        most = f"{csv.field_size_limit():,}"
        return f"a value has more than {most} characters; shorten it, or close its quote."
    return f"{error}; close each quoted text, and double the quotes inside it."


def read_jsonl(path: Path) -> Iterator[Row | RowProblem]:
    """One object a line."""
    _check_encoding(path)
    with path.open(encoding="utf-8-sig", newline="\n") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                values = json.loads(line)
            except json.JSONDecodeError as error:
                yield RowProblem(number, f"character {error.colno}: broken JSON: {error.msg}.")
            except (ValueError, RecursionError):
                yield RowProblem(number, "holds a number or a nesting that is too large to read.")
            else:
                yield _row(number, values)


def read_json(path: Path) -> Iterator[Row | RowProblem]:
    """A list of objects, or an object with one such list in it."""
    if path.stat().st_size > MAX_JSON:
        limit = f"{MAX_JSON // MEBIBYTE} MiB"
        raise broken(f"is larger than the {limit} that JSON may have; save it as JSONL.")
    _check_encoding(path)
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except json.JSONDecodeError as error:
        is_jsonl = error.msg == "Extra data"
        reason = "for one object a line, name it *.jsonl" if is_jsonl else error.msg
        place = f"character {error.colno}: broken JSON: {reason}."
        raise broken(place, error.lineno) from None
    except (ValueError, RecursionError):
        raise broken("holds a number or a nesting that is too large to read.") from None
    for number, values in enumerate(_only_list(content), start=1):
        yield _row(number, values)


def _row(number: int, values: object) -> Row | RowProblem:
    if not isinstance(values, dict):
        return RowProblem(number, f"has to be {OBJECT}.")
    if len(values) > MAX_COLUMNS:
        return RowProblem(number, f"has more than {MAX_COLUMNS:,} fields.")
    if is_deep(values):
        return RowProblem(number, "is nested too deeply.")
    return Row(number, values)


def _only_list(content: object) -> list[object]:
    values = list(content.values()) if isinstance(content, dict) else [content]
    lists: list[list[object]] = [value for value in values if isinstance(value, list)]
    if len(lists) != 1:
        raise broken("has to be a list of objects, or an object with one such list in it.")
    return lists[0]


def _check_encoding(path: Path) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    line, offset = 1, 0
    with path.open("rb") as file:
        while True:
            chunk = file.read(CHUNK)
            pending = decoder.getstate()[0]
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                line += (pending + chunk).count(b"\n", 0, error.start)
                place = offset - len(pending) + error.start
                message = f"byte {place} of the file is not UTF-8; save the file as UTF-8."
                raise broken(message, line) from None
            if not chunk:
                return
            line += chunk.count(b"\n")
            offset += len(chunk)


def _sniff_delimiter(path: Path) -> str:
    with path.open(encoding="utf-8-sig", newline="") as file:
        header = _first_line(file)
    return max(",;\t", key=lambda mark: len(next(csv.reader([header], delimiter=mark), [])))


def _first_line(file: TextIO) -> str:
    text = file.read(MAX_HEADER).lstrip()
    header, found, _ = text.partition("\n")
    if not found and file.read(1):
        raise broken(f"has no line break in its first {MAX_HEADER:,} characters.", 1)
    return header


def _column_names(cells: list[str]) -> list[str]:
    names = [cell.strip() for cell in cells]
    if len(names) > MAX_COLUMNS:
        raise broken(f"has more than {MAX_COLUMNS:,} columns.", 1)
    seen: set[str] = set()
    for name in filter(None, names):
        if name in seen:
            raise broken(f'the column "{name}" occurs twice; rename one of them.', 1)
        seen.add(name)
    return names
