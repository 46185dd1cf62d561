"""Tells what kind of values a column has, and which cells do not fit in with the others."""

import re
from collections import Counter
from collections.abc import Sequence

from cells import (
    CODE,
    LIKE_NUMBER,
    OTHER_DATE,
    READERS,
    Kind,
    is_blank,
    matches,
    read_number,
)
from core.errors import quote, shorten
from core.values import HALF_CHARACTER, SURROGATE

USUAL = 0.8  # share of the cells from which on the others are mistakes
FEW = 20  # different values that can be categories, though most of them are numbers
COMMA = re.compile(r"[-+]?\d+,\d+", re.ASCII)

ADVICE = {
    Kind.NUMBER: "write a number such as 12.5, or leave the cell empty.",
    Kind.FLAG: "write true or false, or leave the cell empty.",
    Kind.DATE: "write a date such as 2024-04-03, or leave the cell empty.",
    Kind.CATEGORY: "write a text or a number, or leave the cell empty.",
}
NOT_ONE = {
    Kind.NUMBER: "no number as in most rows",
    Kind.FLAG: "neither true nor false as in other rows",
    Kind.DATE: "no date as in most rows",
    Kind.CATEGORY: "no single value",
}


def find_kind(values: Sequence[object]) -> Kind:
    """The kind of most values; blank ones tell nothing."""
    filled = [value for value in values if not is_blank(value)]
    usual = USUAL * len(filled)
    if not filled:
        return Kind.CATEGORY
    if all(READERS[Kind.FLAG](value) is not None for value in filled):
        return Kind.FLAG
    dates = sum(READERS[Kind.DATE](v) is not None or matches(OTHER_DATE, v) for v in filled)
    if dates >= usual:
        return Kind.DATE
    if any(matches(CODE, value) for value in filled) or _are_categories(filled):
        return Kind.CATEGORY
    meant = sum(read_number(v) is not None or matches(LIKE_NUMBER, v) for v in filled)
    return Kind.NUMBER if meant >= usual else Kind.CATEGORY


def _are_categories(filled: Sequence[object]) -> bool:
    """Few values, of which those that are no numbers come again: 1, 2, 3, 4+."""
    counts = Counter(map(str, filled))
    others = [name for name in counts if read_number(name) is None]
    return bool(others) and len(counts) <= FEW and all(counts[name] > 1 for name in others)


def explain_cell(value: object, kind: Kind) -> str:
    """Why `value` is not of this kind; empty where it is, or is blank."""
    if is_blank(value):
        return ""
    if isinstance(value, str) and SURROGATE.search(value):
        return HALF_CHARACTER
    if kind is Kind.DATE and matches(OTHER_DATE, value):
        return (
            f"is {quote(str(value))}, which can be read as two dates; write it as 2024-04-03,"
            " or leave the column out with --ignore."
        )
    if READERS[kind](value) is not None:
        return ""
    if kind is Kind.NUMBER and matches(COMMA, value):
        return (
            f"is {quote(str(value))}; write numbers with a point, and without marks of thousands."
        )
    return f"is {shorten(value)}, {NOT_ONE[kind]}; {ADVICE[kind]}"
