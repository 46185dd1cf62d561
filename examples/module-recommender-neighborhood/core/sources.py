"""Reads rows from a file, a folder or a Hugging Face data set, each with the place it came from.

read_rows("data/train.csv")  read_rows("data")  read_rows("stanfordnlp/imdb:test")
"""

import csv
import dataclasses
import difflib
import io
import json
import logging
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from core.errors import DataError, DataProblem, UserError

HUB_NAME = re.compile(r"[\w.-]+/[\w.-]+(:[\w.-]+){0,2}")  # owner/name[[:configuration]:split]
OBJECT = 'an object like {"text": …, "label": …}'


class Row(NamedTuple):
    """`number` is what an editor shows: the line of CSV and JSONL, else the record, from 1."""

    file: str
    number: int
    values: dict[str, object]


def read_rows(source: str) -> list[Row]:
    """All rows of `source`.

    Raises:
        DataError: With every problem.
    """
    path = Path(source)
    if path.is_dir():
        return _read_files(_supported_files(path))
    if path.is_file():
        return _read_files([path])
    if is_on_hub(source):
        return _read_hub(source)
    raise _refuse(path, _missing(path))


def is_on_hub(source: str) -> bool:
    """Whether it names a data set on the Hugging Face hub, and nothing of this machine."""
    path = Path(source)
    is_name = HUB_NAME.fullmatch(source) is not None
    return is_name and path.suffix not in READERS and not path.parent.is_dir()


def ignored_files(source: str) -> list[str]:
    """Names of the files in the folder `source` that `read_rows` passes over, hidden ones aside."""
    path = Path(source)
    files = sorted(path.iterdir()) if path.is_dir() else []
    return [f.name for f in files if f.suffix.lower() not in READERS and not f.name.startswith(".")]


def _read_files(paths: Iterable[Path]) -> list[Row]:
    rows: list[Row] = []
    problems: list[DataProblem] = []
    for path in paths:
        try:
            for found in _reader(path)(path):
                if isinstance(found, Row):
                    rows.append(found)
                else:
                    problems.append(found)
        except DataError as error:
            problems += error.problems
    if problems:
        raise DataError(*problems)
    return rows


def _reader(path: Path) -> "Reader":
    if path.suffix.lower() not in READERS:
        raise _refuse(path, f"its name has to end in {', '.join(READERS)}.")
    return READERS[path.suffix.lower()]


def _supported_files(folder: Path) -> list[Path]:
    files = sorted(p for p in folder.iterdir() if p.is_file() and p.suffix.lower() in READERS)
    if not files:
        raise _refuse(folder, f"holds no file that ends in {', '.join(READERS)}.")
    return files


def _missing(path: Path) -> str:
    siblings = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
    near = [str(path.parent / n) for n in difflib.get_close_matches(path.name, siblings, n=3)]
    if near:
        return f"no such file or folder; did you mean {' or '.join(near)}?"
    return "no such file or folder; a data set on Hugging Face is written owner/name."


def _refuse(file: Path | str, message: str, row: int | None = None, detail: str = "") -> DataError:
    return DataError(_problem(file, message, row, detail))


def _problem(
    file: Path | str, message: str, row: int | None = None, detail: str = ""
) -> DataProblem:
    """`detail` is the place within the row."""
    place = f"{file}, row {row}, {detail}" if detail else ""
    return DataProblem(str(file), message, row, place=place)


def _read_csv(path: Path) -> Iterator[Row | DataProblem]:
    text = _decode(path)
    delimiter = _sniff_delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns: list[str] = []
    line = 1
    try:
        for cells in reader:
            if not columns:
                columns = _column_names(path, cells)
            elif len(cells) == len(columns):
                yield Row(str(path), line, dict(zip(columns, cells, strict=True)))
            elif cells:
                message = (
                    f"has {len(cells)} of {len(columns)} values;"
                    f" put a text with {delimiter!r} in it between double quotes."
                )
                yield _problem(path, message, line)
            line = reader.line_num + 1  # a quoted value may span lines
    except csv.Error as error:
        yield _problem(path, _explain(error), line)


def _explain(error: csv.Error) -> str:
    if "field larger" in str(error):  # also where a quote opens and never closes
        most = f"{csv.field_size_limit():,}"
        return f"a value has more than {most} characters; shorten it, or close its quote."
    return f"{error}; close each quoted text, and double the quotes inside it."


def _sniff_delimiter(text: str) -> str:
    header = next(io.StringIO(text.lstrip(), newline=""), "").rstrip("\r\n")
    return max(",;\t", key=lambda mark: len(next(csv.reader([header], delimiter=mark), [])))


def _column_names(path: Path, cells: list[str]) -> list[str]:
    names = [cell.strip() for cell in cells]
    for name in names:
        if name and names.count(name) > 1:
            raise _refuse(path, f'the column "{name}" occurs twice; rename one of them.', 1)
    return names


def _read_jsonl(path: Path) -> Iterator[Row | DataProblem]:
    for number, line in enumerate(_decode(path).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
        except json.JSONDecodeError as error:
            message = f"broken JSON: {error.msg}."
            yield _problem(path, message, number, f"character {error.colno}")
            continue
        yield (
            Row(str(path), number, values)
            if isinstance(values, dict)
            else _problem(path, f"has to be {OBJECT}.", number)
        )


def _read_json(path: Path) -> Iterator[Row | DataProblem]:
    try:
        content = json.loads(_decode(path))
    except json.JSONDecodeError as error:
        reason = (
            "for one object a line, name it *.jsonl" if error.msg == "Extra data" else error.msg
        )
        message, detail = f"broken JSON: {reason}.", f"character {error.colno}"
        raise _refuse(path, message, error.lineno, detail) from None
    for number, values in enumerate(_only_list(path, content), start=1):
        yield (
            Row(str(path), number, values)
            if isinstance(values, dict)
            else DataProblem(
                str(path), f"has to be {OBJECT}.", number, place=f"{path}, record {number}"
            )
        )


def _only_list(path: Path, content: object) -> list[object]:
    values = list(content.values()) if isinstance(content, dict) else [content]
    lists: list[list[object]] = [value for value in values if isinstance(value, list)]
    if len(lists) != 1:
        raise _refuse(path, "has to be a list of objects, or an object with one such list in it.")
    return lists[0]


def _read_parquet(path: Path) -> Iterator[Row]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise _refuse(path, "reading Parquet needs pyarrow: pip install pyarrow") from None
    try:
        records = pyarrow.parquet.read_table(path).to_pylist()
    except pyarrow.ArrowException as error:
        message = f"is no readable Parquet file: {str(error).splitlines()[0]}"
        raise _refuse(path, message) from None
    for number, values in enumerate(records, start=1):
        yield Row(str(path), number, values)


def _decode(path: Path) -> str:
    content = path.read_bytes()
    try:
        return content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message, detail = "is not UTF-8; save the file as UTF-8.", f"byte {error.start} of the file"
        raise _refuse(path, message, line, detail) from None


def _read_hub(source: str) -> list[Row]:
    try:
        import datasets
    except ImportError:
        message = "no such file, and reading it from Hugging Face needs: pip install datasets"
        raise _refuse(source, message) from None
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # its retries end in our sentence
    name, *rest = source.split(":")
    configuration = rest[0] if len(rest) == 2 else None
    try:
        table = datasets.load_dataset(name, configuration, split=rest[-1] if rest else "train")
    except datasets.exceptions.DatasetNotFoundError:
        raise _refuse(source, "no such file, and no public data set of that name.") from None
    except ConnectionError:
        # Nothing is wrong with the data: it is not there to be judged.
        raise UserError(f"{source}: no such file, and the Hub cannot be reached.") from None
    except ValueError as error:  # an unknown configuration or split; the message lists the choices
        raise _refuse(source, " ".join(str(error).split())) from None
    for column, feature in table.features.items():
        if getattr(feature, "decode", False):  # a picture stays the file that it is
            table = table.cast_column(column, dataclasses.replace(feature, decode=False))
    classes = {c: f for c, f in table.features.items() if isinstance(f, datasets.ClassLabel)}
    return [Row(source, n, _name_classes(row, classes)) for n, row in enumerate(table, start=1)]


def _name_classes(row: dict[str, Any], classes: dict[str, Any]) -> dict[str, object]:
    # Test sets of competitions hide their labels as -1.
    names = {c: None if row[c] in (None, -1) else f.int2str(row[c]) for c, f in classes.items()}
    return row | names


Reader = Callable[[Path], Iterator[Row | DataProblem]]
READERS: dict[str, Reader] = {
    ".jsonl": _read_jsonl,
    ".json": _read_json,
    ".csv": _read_csv,
    ".tsv": _read_csv,
    ".parquet": _read_parquet,
}
