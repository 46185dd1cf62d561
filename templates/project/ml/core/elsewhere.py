"""What `train.py --cloud` does at every provider: going on with a run, and saying how it failed."""

from pathlib import Path
from typing import Any

from core.errors import ExitCode, UserError
from core.rental_settings import RentalOptions
from core.run import reopen

# What this machine decides, whatever the run was started with.
OWN = {*RentalOptions.model_fields, "max_minutes", "output"}


def find_run(settings: Any) -> tuple[Any, Path | None]:
    """The settings and the folder of the run that --resume goes on with; else none, and those given.

    Raises:
        UserError: There is no such run, or `settings` contradict it.
    """
    if not settings.resume:
        return settings, None
    before, run = reopen(settings)
    return before.model_copy(update={name: getattr(settings, name) for name in OWN}), run


def failure(place: str, code: int) -> UserError:
    """Of a training that ended by itself.

    Args:
        place: Where, as a sentence says it.
        code: Its exit code, which is ours as well.
    """
    error = UserError(f"The training failed {place}; what it printed above says why.")
    error.exit_code = ExitCode(code) if code in {*ExitCode} else ExitCode.BUG
    return error
