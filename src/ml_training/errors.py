"""Problems that the user can act on: one sentence, the choices where there are any, a stable exit code."""

from collections.abc import Iterable
from difflib import SequenceMatcher


class Problem(Exception):
    exit_code = 1

    def __init__(self, message: str, choices: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.choices = list(choices)

    def as_dict(self) -> dict[str, object]:
        return {"message": str(self), "exit_code": self.exit_code, "choices": self.choices}


class UsageProblem(Problem):
    """An answer, a name or an option that cannot be."""

    exit_code = 2


class TargetProblem(Problem):
    """The folder that should be written exists, or cannot be written."""

    exit_code = 3


class StepProblem(Problem):
    """A program that we started has failed."""

    exit_code = 4


class ProviderProblem(Problem):
    """A provider refused, failed, or could not be reached."""

    exit_code = 5


def no_such(kind: str, name: str, choices: Iterable[str], *, owner: str = "") -> UsageProblem:
    """Say that a name is unknown, with what it could have been, the nearest first."""
    nearest = sorted(choices, key=lambda choice: -SequenceMatcher(None, name, choice).ratio())
    message = f"{owner or 'There is'} no {kind} {name!r}. Choose one of: {', '.join(nearest)}."
    return UsageProblem(message, nearest)
