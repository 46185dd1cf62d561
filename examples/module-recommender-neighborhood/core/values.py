"""Judges single values of a data set; what is wrong with one is half a sentence, or nothing."""

import math
import re

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
