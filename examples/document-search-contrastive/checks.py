"""Judges the texts of one row; what is wrong with one is half a sentence, or nothing."""

from core.values import explain_text, is_missing

LONGEST = 100_000  # characters; no model reads that far


def explain_content(value: object) -> str:
    """Why `value` is no text to search for or to find; empty where it is one."""
    if problem := explain_text(value):
        return problem
    if len(str(value)) > LONGEST:
        return (
            f"has {len(str(value)):,} characters; {LONGEST:,} are the most:"
            " cut it into passages of a few paragraphs."
        )
    return ""


def explain_pair(query: object, passage: object) -> str:
    """Why the two teach nothing together; empty where they do."""
    if not explain_text(query) and _is_same(query, passage):
        return "is the same text as the query; delete the row."
    return ""


def explain_negative(value: object, passage: object) -> str:
    """Why `value` is no passage that must not be found; empty where it is one, or is left out."""
    if not is_given(value):
        return ""
    if problem := explain_content(value):
        return problem
    if _is_same(value, passage):
        return "is the same text as the passage, which answers the query; delete one of them."
    return ""


def is_given(value: object) -> bool:
    return not is_missing(value) and not (isinstance(value, str) and not value.strip())


def _is_same(one: object, other: object) -> bool:
    return " ".join(str(one).split()).casefold() == " ".join(str(other).split()).casefold()
