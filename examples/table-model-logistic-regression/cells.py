"""Reads single cells of a table: numbers, true or false, dates; text files hold all of them as text."""

import math
import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from core.values import is_missing

Cell = float | bool | str | datetime | None  # as it is learnt from; None where it is missing

BLANK = {"", "-", "?", "n/a", "#n/a", "na", "nan", "null", "none"}  # how tables write "missing"
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?", re.IGNORECASE | re.ASCII)
CODE = re.compile(r"0\d+", re.ASCII)  # 01067 is a postcode
# What people take for a number and no program does: 1,234.50 or 12,5 or € 30 or 5 %.
LIKE_NUMBER = re.compile(r"[$€£]?\s?[-+]?\d+([,'\s]\d{3})*([.,]\d+)?\s?[%$€£]?", re.ASCII)
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ].+)?", re.ASCII)
OTHER_DATE = re.compile(r"\d{1,2}[./-]\d{1,2}[./-](\d{4}|\d{2})", re.ASCII)
FLAGS = {"true": True, "yes": True, "false": False, "no": False}


class Kind(StrEnum):
    NUMBER = "number"
    FLAG = "true or false"
    DATE = "date"
    CATEGORY = "category"


def is_blank(value: object) -> bool:
    return is_missing(value) or (isinstance(value, str) and value.strip().lower() in BLANK)


def read_number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    if isinstance(value, str) and not NUMBER.fullmatch(value.strip()):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def read_flag(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    return FLAGS.get(value.strip().lower()) if isinstance(value, str) else None


def read_date(value: object) -> datetime | None:
    """Without its time zone: what counts is the time on the clock."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    if not isinstance(value, str) or not ISO_DATE.fullmatch(value.strip()):
        return None
    try:
        return datetime.fromisoformat(value.strip()).replace(tzinfo=None)
    except ValueError:  # the 30th of February
        return None


def read_category(value: object) -> str | None:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, bool | int | float | Decimal | date) else None


READERS: dict[Kind, Callable[[object], Cell]] = {
    Kind.NUMBER: read_number,
    Kind.FLAG: read_flag,
    Kind.DATE: read_date,
    Kind.CATEGORY: read_category,
}


def matches(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value.strip()) is not None
