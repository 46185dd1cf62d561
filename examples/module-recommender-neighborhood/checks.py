"""Judges the values of one row; what is wrong with one is half a sentence, or nothing."""

import math
import time
from datetime import UTC, date, datetime, timedelta

from core.errors import shorten
from core.values import explain_name, is_missing

ID_KINDS = ("a text", "a whole number")
LONGEST_ID = 200  # characters
FIRST_TIME = 100_000_000  # 1973, in seconds since 1970: a smaller number is no time but a count
MILLISECONDS = 100_000_000_000  # from here on a number counts milliseconds
AHEAD = timedelta(days=1)  # what time zones and clocks explain


def explain_id(value: object, usual: str) -> str:
    """Why `value` is no id among ids of the `usual` kind; empty where it is one."""
    if problem := explain_name(value, "an id", ID_KINDS, usual):
        return problem
    if len(str(value)) > LONGEST_ID:
        return f"has {len(str(value)):,} characters; an id has {LONGEST_ID} at the most."
    return ""


def explain_rating(value: object) -> str:
    """Why `value` is no rating; empty where it is one."""
    if is_missing(value) or (isinstance(value, str) and not value.strip()):
        return "is missing; write a number or delete the row."
    number = _number(value)
    if number is None:
        return f"is {shorten(value)}, which is no number; write one such as 4.5."
    if not math.isfinite(number):
        return f"is {shorten(value)}; a rating is a number that has an end."
    return ""


def read_rating(value: object) -> float:
    """The number that a valid rating is."""
    return float(str(value))


def explain_time(value: object) -> str:
    """Why `value` is no time in the past; empty where it is one."""
    if is_missing(value) or (isinstance(value, str) and not value.strip()):
        return "is missing; write a time or delete the row."
    moment = _moment(value)
    if moment is None:
        example = "write it as 2025-01-31, 2025-01-31T14:30 or in seconds since 1970."
        return f"is {shorten(value)}, which is no time; {example}"
    if moment > time.time() + AHEAD.total_seconds():
        return f"is {shorten(value)}, which is in the future; correct it or delete the row."
    return ""


def read_time(value: object) -> float:
    """Seconds since 1970 of a valid time; one that names no zone is taken for UTC."""
    moment = _moment(value)
    assert moment is not None
    return moment


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def _moment(value: object) -> float | None:
    if isinstance(value, date):  # Parquet has them
        value = value.isoformat()
    number = _number(value)
    if number is not None and not _is_day(str(value)):
        seconds = number / 1000 if number >= MILLISECONDS else number
        return seconds if seconds >= FIRST_TIME and math.isfinite(seconds) else None
    try:
        moment = datetime.fromisoformat(str(value).strip())
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _is_day(text: str) -> bool:
    return len(text.strip()) == len("20250131") and text.strip().isdigit()
