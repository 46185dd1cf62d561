"""Rows as JSONL, and as CSV that no spreadsheet takes for formulas."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence

from app.ml.cells import as_json, is_number
from app.ml.rows import Row

FORMULA = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
)  # https://owasp.org/www-community/attacks/CSV_Injection
BLOCK = 64 * 1024  # characters


def to_jsonl(rows: Iterable[Row]) -> Iterator[bytes]:
    yield from _blocks(json_line(row.values) for row in rows)


def json_line(values: object) -> str:
    return json.dumps(as_json(values), ensure_ascii=False) + "\n"


def column_names(rows: Iterable[Row]) -> list[str]:
    """Of all rows, in the order in which they first occur."""
    return list(dict.fromkeys(name for row in rows for name in row.values))


def to_csv(rows: Iterable[Row], columns: Sequence[str]) -> Iterator[bytes]:
    yield from _blocks(_csv_lines(rows, columns))


def neutralise(cell: str) -> str:
    """A leading quote before what a spreadsheet would compute; numbers stay numbers."""
    return f"'{cell}" if cell.startswith(FORMULA) and not is_number(cell) else cell


def _csv_lines(rows: Iterable[Row], columns: Sequence[str]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([neutralise(str(as_json(name))) for name in columns])
    for row in rows:
        yield _taken(buffer)
        writer.writerow([neutralise(_cell(row.values.get(name))) for name in columns])
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> str:
    line = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return line


def _cell(value: object) -> str:
    safe = as_json(value)
    if safe is None:
        return ""
    return safe if isinstance(safe, str) else json.dumps(safe, ensure_ascii=False)


def _blocks(lines: Iterable[str]) -> Iterator[bytes]:
    block: list[str] = []
    size = 0
    for line in lines:
        block.append(line)
        size += len(line)
        if size >= BLOCK:
            yield "".join(block).encode()
            block, size = [], 0
    if block:
        yield "".join(block).encode()
