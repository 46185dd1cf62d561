"""What is in a file of rows: it is read to its end once, safely, before anyone learns from it."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePath

from pydantic import BaseModel, Field

from app.ml.cells import Kind, as_json, kind_of, kind_of_texts
from app.ml.parquet import read_parquet
from app.ml.rows import (
    LIMIT,
    Row,
    RowProblem,
    TableError,
    broken,
    read_csv,
    read_json,
    read_jsonl,
)

SHOWN = 20  # rows of a preview
SHOWN_CHARACTERS = 500  # of a text in it
SAMPLED = 1000  # rows that the kinds of columns are guessed from

Reader = Callable[[Path], Iterator[Row | RowProblem]]
READERS: dict[str, Reader] = {
    ".jsonl": read_jsonl,
    ".json": read_json,
    ".csv": read_csv,
    ".tsv": read_csv,
    ".parquet": read_parquet,
}
PARQUET = b"PAR1"
CONTAINERS = {
    b"PK\x03\x04": "a ZIP archive or an Excel workbook; unpack it, or save the sheet as CSV",
    b"PK\x05\x06": "an empty ZIP archive; upload the file itself",
    b"\xd0\xcf\x11\xe0": "an Excel workbook; save the sheet as CSV",
    b"\x1f\x8b": "compressed with gzip; unpack it",
    b"BZh": "compressed with bzip2; unpack it",
    b"\xfd7zXZ\x00": "compressed with xz; unpack it",
    b"\x28\xb5\x2f\xfd": "compressed with zstd; unpack it",
    b"7z\xbc\xaf": "a 7-Zip archive; unpack it",
    b"%PDF": "a PDF; save its table as CSV",
    b"\x80\x02": "a Python pickle, which is never opened; save it as JSONL",
    b"\x80\x03": "a Python pickle, which is never opened; save it as JSONL",
    b"\x80\x04": "a Python pickle, which is never opened; save it as JSONL",
    b"\x80\x05": "a Python pickle, which is never opened; save it as JSONL",
    b"\x93NUMPY": "a NumPy array; save it as CSV",
    b"\x89HDF": "an HDF5 file; save its table as CSV",
    b"SQLite format 3": "a SQLite database; save its table as CSV",
}


class Column(BaseModel):
    name: str = Field(examples=["statement"])
    kind: Kind = Field(examples=["text"])


class PreviewRow(BaseModel):
    number: int = Field(description="Line of CSV and JSONL, else the record, from 1.", examples=[2])
    values: dict[str, object] = Field(examples=[{"statement": "Bend conduit.", "trade": "welder"}])


class Preview(BaseModel):
    columns: list[Column]
    rows: list[PreviewRow] = Field(description=f"The first {SHOWN}, with long texts cut.")


class Inspection(BaseModel):
    row_count: int
    preview: Preview


def suffix_of(name: str) -> str:
    """The suffix of a file name, which says how the file is read.

    Raises:
        TableError: It is none that is read.
    """
    suffix = PurePath(name).suffix.lower()
    if suffix not in READERS:
        raise broken(f"its name has to end in {', '.join(READERS)}.")
    return suffix


def read_rows(path: Path, suffix: str) -> Iterator[Row]:
    """All rows of a file that was inspected."""
    for found in _read(path, suffix):
        if isinstance(found, RowProblem):
            raise TableError(found)
        yield found


def inspect(path: Path, suffix: str) -> Inspection:
    """Read the whole file, row by row.

    Raises:
        TableError: With each broken row up to a limit, or what the file is instead of a table.
    """
    sample: list[Row] = []
    problems: list[RowProblem] = []
    row_count = problem_count = 0
    for found in _read(path, suffix):
        if isinstance(found, RowProblem):
            problem_count += 1
            problems = [*problems, found][:LIMIT]
        else:
            row_count += 1
            if len(sample) < SAMPLED:
                sample.append(found)
    if problems:
        raise TableError(*problems, count=problem_count)
    if not row_count:
        raise broken("holds no row.")
    is_text = suffix in (".csv", ".tsv")
    return Inspection(row_count=row_count, preview=_preview(sample, is_text))


def _read(path: Path, suffix: str) -> Iterator[Row | RowProblem]:
    _check_content(path, suffix)
    return READERS[suffix](path)


def _check_content(path: Path, suffix: str) -> None:
    with path.open("rb") as file:
        head = file.read(16)
    for mark, meaning in CONTAINERS.items():
        if head.startswith(mark):
            raise broken(f"is {meaning}.")
    if head.startswith(PARQUET) and suffix != ".parquet":
        raise broken("is a Parquet file; let its name end in .parquet.")
    if not head.startswith(PARQUET) and suffix == ".parquet":
        raise broken("is no Parquet file; let its name end in what it is.")


def _preview(sample: list[Row], is_text: bool) -> Preview:
    names = dict.fromkeys(name for row in sample for name in row.values)
    kind: Callable[[Iterable[object]], Kind] = kind_of_texts if is_text else kind_of
    columns = [
        Column(name=str(as_json(name)), kind=kind(row.values.get(name) for row in sample))
        for name in names
    ]
    rows = [PreviewRow(number=row.number, values=_shortened(row.values)) for row in sample[:SHOWN]]
    return Preview(columns=columns, rows=rows)


def _shortened(values: object) -> dict[str, object]:
    assert isinstance(values, dict)
    return {str(as_json(name)): _cut(as_json(value)) for name, value in values.items()}


def _cut(value: object) -> object:
    if isinstance(value, str) and len(value) > SHOWN_CHARACTERS:
        return value[:SHOWN_CHARACTERS] + "…"
    return value
