"""JSON on disk that a reader never sees half written."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

TAIL = 1 << 16  # bytes in which the last record is found
RENTAL = "rental.json"  # in the folder of a run that a rented machine may still be working on


def write_json(path: Path, value: Any) -> None:
    staged = path.with_name(path.name + ".part")
    with staged.open("w", encoding="utf-8") as file:
        file.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())  # else a machine that dies may keep the name and lose the content
    staged.replace(path)


def append_json(path: Path, value: Any) -> None:
    """Add one line; half a line, left by a machine that died, is ended first and stays alone."""
    with path.open("a+b") as file:
        if file.seek(0, os.SEEK_END):
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                file.write(b"\n")
        file.write(json.dumps(value).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())  # lines are numbered: one that was read must not be lost


def parse_record(line: bytes) -> dict[str, Any] | None:
    """One line of a file that `append_json` wrote; None for half a line."""
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def read_records(path: Path) -> list[dict[str, Any]]:
    """All whole lines of such a file, the oldest first."""
    return [*filter(None, map(parse_record, path.read_bytes().split(b"\n")))]


def last_record(path: Path) -> dict[str, Any]:
    """The newest whole line of such a file; empty where there is none."""
    if not path.is_file():
        return {}
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL))
        lines = file.read().split(b"\n")
    return next(filter(None, map(parse_record, reversed(lines))), {})


def unfinished_runs(output: Path) -> list[Path]:
    """Folders of the runs that can go on, oldest first."""
    started = sorted(path.parent for path in output.glob("*/config.json"))
    return [folder for folder in started if is_unfinished(folder)]


def is_unfinished(run: Path) -> bool:
    goes_on = has_checkpoint(run) or (run / RENTAL).is_file()
    return goes_on and not (run / "manifest.json").is_file()


def has_checkpoint(run: Path) -> bool:
    return (run / "checkpoints" / "data.json").is_file()


def now() -> str:
    """UTC, ISO 8601, milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
