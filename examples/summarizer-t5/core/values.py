"""Judges single values of a data set; what is wrong with one is half a sentence, or nothing."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from core.errors import shorten

SURROGATE = re.compile("[\ud800-\udfff]")  # half a character, which no tokenizer takes
HALF_CHARACTER = "holds half a character (a lone surrogate); export the file again as UTF-8."


def is_missing(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def kind(value: object) -> str:
    """What people call the type of `value`; tables with gaps hold whole numbers as floats."""
    if is_missing(value):
        return "missing"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return "a whole number"
    return "a text" if isinstance(value, str) else "something else"


def explain_text(value: object) -> str:
    """Why `value` is no text to learn from; empty where it is one."""
    if is_missing(value):
        return "is missing; write a text or delete the row."
    if not isinstance(value, str):
        return f"is {shorten(value)}, which is no text; put it between quotes or delete the row."
    if not value.strip():
        return "is empty; write a text or delete the row."
    if SURROGATE.search(value):
        return HALF_CHARACTER
    return ""


def usual_kind(values: Iterable[object], kinds: Sequence[str]) -> str:
    """How most of them are written: one of `kinds`."""
    counts = Counter(map(kind, values))
    return max(kinds, key=counts.__getitem__)


def explain_name(value: object, role: str, kinds: Sequence[str], usual: str) -> str:
    """Why `value` is not `role`, such as "a label"; empty where it is.

    Args:
        kinds: How one may be written; `usual` is how most are.
    """
    found = kind(value)
    if found == "missing":
        return f"is missing; write {role} or delete the row."
    if isinstance(value, str) and not value.strip():
        return f"is empty; write {role} or delete the row."
    if found not in kinds:
        return f"is {shorten(value)}; {role} is a text or a whole number."
    if found != usual:
        return f"is {found}, {shorten(value)}, but {usual} in most rows; write all in one way."
    if isinstance(value, str) and SURROGATE.search(value):
        return HALF_CHARACTER
    return ""


def to_name(value: object) -> str:
    """A valid name as it is shown; tables with gaps hold whole numbers as floats."""
    return str(int(value)) if isinstance(value, float) else str(value).strip()
