"""Judges sources and targets: each alone, and as a pair."""

from collections.abc import Sequence
from statistics import median

from core.dataset import count
from core.errors import DataProblem
from core.values import explain_text
from split import Example

LONGEST = 1_000_000  # characters; more is a file in which a quote never closes
MOST_COPIES = 0.5  # share of rows: with more, the columns are the same
SHORTER = 0.7  # targets of so much of their sources' length, or less, are summaries


def explain_side(value: object) -> str:
    """Why `value` is no source or target; empty where it is one."""
    if problem := explain_text(value):
        return problem
    text = str(value)
    if len(text) > LONGEST:
        return f"has {len(text):,} characters; split it, {LONGEST:,} are the most."
    if "\0" in text:
        return "holds a NUL character; export the file again as text."
    if "\N{REPLACEMENT CHARACTER}" in text:
        return "holds U+FFFD, which stands for a lost character; export the file again as UTF-8."
    return ""


def find_copies(source: str, examples: Sequence[Example], notes: list[str]) -> list[DataProblem]:
    """Rows whose target is their source: a few are noted, many are a problem."""
    copies = [example for example in examples if example.source == example.target]
    if len(copies) > MOST_COPIES * len(examples):
        rows = f"{len(copies):,} of {len(examples):,} rows"
        message = f"source and target are the same in {rows}; say --columns target=NAME."
        return [DataProblem(source, message)]
    if copies:
        rows = count(len(copies), "row has", "rows have")
        notes.append(f"{source}: {rows} a target that is its source, first {copies[0].place}.")
    return []


def note_lengths(source: str, examples: Sequence[Example], notes: list[str]) -> None:
    """Where targets are summaries, one that is longer than its source is worth a look."""
    longer = [e for e in examples if len(e.target) > len(e.source)]
    if not longer or median(len(e.target) / len(e.source) for e in examples) > SHORTER:
        return
    rows = count(len(longer), "target is", "targets are")
    notes.append(
        f"{source}: {rows} longer than the source, though most are shorter,"
        f" first {longer[0].place}."
    )
