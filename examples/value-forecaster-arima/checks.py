"""Judges the cells of one row; what is wrong with one is half a sentence, or nothing."""

import math
import re
from datetime import UTC, date, datetime, timedelta

from core.errors import shorten
from core.values import is_missing

NAME_KINDS = ("a text", "a whole number")
LONGEST_NAME = 200  # characters
AHEAD = timedelta(days=1)  # what time zones and clocks explain
MILLISECONDS = 100_000_000_000  # from here on a number counts milliseconds
STYLES = {  # how a time may be written, by example
    "2025": re.compile(r"\d{4}"),
    "2025-Q1": re.compile(r"\d{4}-?Q[1-4]"),
    "2025-01": re.compile(r"\d{4}-\d\d"),
    "2025-W05": re.compile(r"\d{4}-?W\d\d"),
    "2025-01-31": re.compile(r"\d{4}-\d\d-\d\d"),
    "2025-01-31T14:30": re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?"),
    "2025-01-31T14:30Z": re.compile(
        r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d(:?\d\d)?)"
    ),
    "1738333800, seconds or milliseconds since 1970": re.compile(r"\d{9,13}(\.\d+)?"),
}


def style_of(value: object) -> str:
    """How a time is written: an example of it; empty where it is in none of the known ways."""
    text = _text(value)
    return next((style for style, form in STYLES.items() if form.fullmatch(text)), "")


def explain_time(value: object, usual: str) -> str:
    """Why `value` is no time in the past, written in the `usual` style; empty where it is one."""
    if is_blank(value):
        return "is missing; write a time or delete the row."
    style = style_of(value)
    if not style:
        return f"is {shorten(value)}, which is no time; write it as {usual or '2025-01-31'}."
    if style != usual:
        return f"is {shorten(value)}, but most rows are written as {usual}; write all in one way."
    time = read_time(value)
    if time is None:
        return f"is {shorten(value)}, which is in no calendar; correct it."
    if time > datetime.now(UTC).replace(tzinfo=None) + AHEAD:
        return f"is {shorten(value)}, which is in the future; correct it or delete the row."
    return ""


def read_time(value: object) -> datetime | None:
    """When a period begins, in UTC; a time that names no zone is taken for UTC."""
    text = _text(value)
    try:
        match style_of(text):
            case "2025":
                time = datetime.fromisoformat(f"{text}-01-01")
            case "2025-01":
                time = datetime.fromisoformat(f"{text}-01")
            case "2025-Q1":
                time = datetime.fromisoformat(f"{text[:4]}-{3 * int(text[-1]) - 2:02}-01")
            case style if style.startswith("1738333800"):
                seconds = float(text)
                seconds /= 1000 if seconds >= MILLISECONDS else 1
                time = datetime.fromtimestamp(seconds, UTC)
            case _:
                time = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        return None
    return time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo else time


def explain_value(value: object, may_be_blank: bool) -> str:
    """Why `value` is no number; empty where it is one, or a gap that will be filled."""
    if is_blank(value) or str(value).strip().lower() == "nan":
        fix = "write a number, or say --fill linear to fill gaps."
        return "" if may_be_blank else f"is missing; {fix}"
    try:
        number = float(str(value)) if not isinstance(value, bool) else None
    except ValueError:
        number = None
    if number is None:
        return f"is {shorten(value)}, which is no number; write one such as 4.5."
    if not math.isfinite(number):
        return f"is {shorten(value)}; a value is a number that has an end."
    return ""


def read_value(value: object) -> float | None:
    """The number that a valid value is; none for a gap."""
    if is_blank(value) or str(value).strip().lower() == "nan":
        return None
    return float(str(value))


def is_blank(value: object) -> bool:
    return is_missing(value) or (isinstance(value, str) and not value.strip())


def _text(value: object) -> str:
    if isinstance(value, date):  # Parquet has them, and times
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():  # a table with gaps
        value = int(value)
    return str(value).strip()
