"""The command line of a training: options in, an artifact and an exit code out."""

import sys
from collections.abc import Callable
from pathlib import Path

from core.errors import ExitCode, UserError
from core.run import Run, Settings, Stopped, reopen


def run_training(
    config: type[Settings],
    train: Callable[[Settings, Run], Path],
    arguments: list[str] | None = None,
) -> ExitCode:
    """Train as told on the command line; whatever a user can mend is said in a sentence."""
    try:
        settings = config.from_arguments(sys.argv[1:] if arguments is None else arguments)
        settings, folder = reopen(settings) if settings.resume else (settings, None)
        artifact = train(settings, Run(settings, folder))
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    except Stopped as stop:
        print(f"\nStopped: {stop}. Go on with: python train.py --resume", file=sys.stderr)
        return stop.exit_code
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr)
        return ExitCode.INTERRUPTED
    print(f"artifact  {artifact}\nreport    {artifact / 'report.html'}")
    return ExitCode.OK
