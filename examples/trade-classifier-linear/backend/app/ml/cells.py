"""Values of any table, as JSON can hold them, and what kind of values a column has."""

import base64
import math
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Literal

MAX_DEPTH = 50
WHOLE = re.compile(r"[-+]?[0-9]+")
NUMBER = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")

Kind = Literal["text", "integer", "number", "boolean", "list", "object", "mixed", "empty"]


def as_json(value: object) -> object:
    """The same value, or the nearest one: null for NaN, ISO 8601 for times, base64 for bytes."""
    match value:
        case None | bool() | int():
            return value
        case float():
            return value if math.isfinite(value) else None
        case str():
            return value.encode("utf-8", "replace").decode()  # half a character has no UTF-8
        case Decimal():
            return as_json(float(value))
        case datetime() | date() | time():
            return value.isoformat()
        case bytes():
            return base64.b64encode(value).decode()
        case Mapping():
            return {str(as_json(key)): as_json(inner) for key, inner in value.items()}
        case list() | tuple() | set():
            return [as_json(inner) for inner in value]
        case _:
            return str(value)


def kind_of(values: Iterable[object]) -> Kind:
    """What all of `values` are, apart from those that are missing."""
    kinds = {_kind(value) for value in values} - {None}
    if not kinds:
        return "empty"
    if kinds == {"integer", "number"}:
        return "number"
    return kinds.pop() or "empty" if len(kinds) == 1 else "mixed"


def kind_of_texts(cells: Iterable[object]) -> Kind:
    """The same for CSV, where everything is written as text."""
    filled = [cell for cell in map(str, cells) if cell.strip()]
    if not filled:
        return "empty"
    if all(WHOLE.fullmatch(cell.strip()) for cell in filled):
        return "integer"
    if all(map(is_number, filled)):
        return "number"
    is_boolean = all(cell.strip().lower() in ("true", "false") for cell in filled)
    return "boolean" if is_boolean else "text"


def is_number(cell: str) -> bool:
    return NUMBER.fullmatch(cell.strip()) is not None


def is_deep(value: object, levels: int = MAX_DEPTH) -> bool:
    """Whether lists and objects in `value` are nested further than anything here follows."""
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(is_deep(part, levels - 1) for part in inner)


def _kind(value: object) -> Kind | None:
    match value:
        case None:
            return None
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float() | Decimal():
            return "number"
        case list() | tuple():
            return "list"
        case dict():
            return "object"
        case _:
            return "text"
