"""Settings of a job as options of `train.py`."""

import json
from collections.abc import Mapping
from typing import Any

# The worker sets these itself; a file of this machine is nobody's data.
RESERVED = {
    "data",
    "validation",
    "columns",
    "output",
    "resume",
    "check",
    "describe",
    "price_per_hour",
}


def options(settings: Mapping[str, Any]) -> list[str]:
    """One word each: a value that begins with a dash stays a value."""
    given = {name: value for name, value in settings.items() if value is not None}
    return [word for name, value in given.items() for word in _words(name, value)]


def source(data: str, columns: Mapping[str, str]) -> list[str]:
    """Options that name the data."""
    return [f"--data={data}", *(_words("columns", columns) if columns else [])]


def _words(name: str, value: Any) -> list[str]:
    flag = name.replace("_", "-")
    if isinstance(value, bool):
        return [f"--{flag}" if value else f"--no-{flag}"]
    if isinstance(value, Mapping) and all(_is_plain(key, item) for key, item in value.items()):
        return [word for key, item in value.items() for word in (f"--{flag}", f"{key}={item}")]
    return [f"--{flag}={value if isinstance(value, str) else json.dumps(value)}"]


def _is_plain(key: str, item: Any) -> bool:
    return isinstance(item, str) and not set(f"{key}{item}") & set("=,\"'{}[]") and key[:1] != "-"
