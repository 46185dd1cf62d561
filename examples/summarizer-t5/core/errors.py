"""Errors that a person can act on: one sentence each, and an exit code that scripts can rely on."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

LIMIT = 20  # problems shown at once
SHOWN = 8  # names in a sentence at the most


class ExitCode(IntEnum):
    OK = 0
    BUG = 1
    USAGE = 2
    DATA = 3
    STOPPED = 4  # --max-minutes ran out; the checkpoint is kept
    MODEL_UNAVAILABLE = 5
    ARTIFACT = 6
    PROVIDER = 7  # the provider of machines refused, failed, or could not be reached
    DESTINATION = 8  # --push cannot be done, or was not: an artifact that is here is complete
    INTERRUPTED = 130  # Ctrl-C; the checkpoint is kept
    TERMINATED = 143  # SIGTERM; the checkpoint is kept


class UserError(Exception):
    """What went wrong, where, and what to do about it."""

    exit_code = ExitCode.USAGE


class ModelUnavailable(UserError):
    exit_code = ExitCode.MODEL_UNAVAILABLE


class ArtifactError(UserError):
    exit_code = ExitCode.ARTIFACT


class ProviderError(UserError):
    exit_code = ExitCode.PROVIDER


class DestinationError(UserError):
    exit_code = ExitCode.DESTINATION


@dataclass(frozen=True, slots=True)
class DataProblem:
    """One thing that is wrong with the data; as a text it is one sentence."""

    file: str
    message: str
    row: int | None = None  # none where the file as a whole is meant
    column: str | None = None
    place: str = ""  # said instead of file, row and column where it says more

    def __str__(self) -> str:
        row = "" if self.row is None else f", row {self.row}"
        column = "" if self.column is None else f", column {quote(self.column)}"
        return f"{self.place or f'{self.file}{row}{column}'}: {self.message}"


class DataError(UserError):
    """All problems that were found; its text names them up to a limit, one a line."""

    exit_code = ExitCode.DATA

    def __init__(self, *problems: DataProblem) -> None:
        self.problems = problems
        lines = [str(problem) for problem in problems[:LIMIT]]
        if len(problems) > LIMIT:
            lines.append(f"and {len(problems) - LIMIT:,} more.")
        super().__init__("\n".join(lines))


def quote(*names: str) -> str:
    """Names from the data, as a sentence shows them."""
    return ", ".join(f'"{shorten(name)}"' for name in names)


def shorten(value: object) -> str:
    shown = " ".join(str(value).split())
    return shown if len(shown) <= 60 else f"{shown[:57]}…"


def list_nearest(names: Iterable[str], wanted: str) -> str:
    """Names for a sentence, those first that look most like the wanted one."""
    compare = difflib.SequenceMatcher(b=wanted.casefold())

    def likeness(name: str) -> float:
        compare.set_seq1(name.casefold())
        return compare.ratio()

    return list_names(sorted(names, key=likeness, reverse=True))


def list_names(names: Iterable[str]) -> str:
    """Names for a sentence, each once, and no more than can be read."""
    unique = [*dict.fromkeys(names)]
    more = len(unique) - SHOWN
    return ", ".join(unique[:SHOWN]) + (f" and {more} more" if more > 0 else "")
