"""The command line of a training: options in, an artifact and an exit code out."""

import json
import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Generic, Protocol

from pydantic import BaseModel

from core import processes
from core.destinations import require_destination
from core.errors import DataError, ExitCode, UserError
from core.findings import Findings
from core.push import push_trained
from core.records import RENTAL
from core.run import Run, Settings, Stopped, reopen
from core.settings import RunSettings
from core.sources import is_on_hub

# Where and what to do, not how to learn; and a form's user is not whose keys a push would take.
NO_SETTINGS = (
    "output",
    "resume",
    "push",
    "check",
    "describe",
    "estimate",
    "estimate_json",
    "cloud",
)


class Forecast(Protocol):
    """What a training will need and cost."""

    def show(self) -> None:
        """Print it for every GPU that can be rented."""

    def cheapest(self, provider: str) -> str:
        """The best that is listed there, in a few words."""

    def to_json(self, provider: str) -> dict[str, Any]:
        """The same as JSON, of what is listed at one provider; blank is this machine alone."""


@dataclass(frozen=True)
class Task(Generic[Settings]):
    """What a model learns and how; whatever imports much is imported by `train` alone."""

    name: str
    title: str
    algorithm: str
    columns: Sequence[str]
    metric: str
    config: type[Settings]
    input: type[BaseModel]
    output: type[BaseModel]
    load: Callable[[Settings, Findings], object]
    train: Callable[[Settings, Run], Path]
    lower_is_better: bool = False  # of the metric
    forecast: Callable[[Settings, Any], Forecast] | None = None  # of settings and data


class Elsewhere(Protocol):
    """A provider on whose machines --cloud trains."""

    @property
    def provider(self) -> str:
        """Its name in the list of prices."""

    def extend(self, config: type[Settings]) -> type[Settings]:
        """The same settings, and those of renting a machine."""

    def train(self, task: Task[Any], settings: Any) -> Path:
        """Train there; the artifact is here when it returns, and nothing is left there."""


def run_training(
    task: Task[Settings],
    arguments: list[str] | None = None,
    *,
    elsewhere: Elsewhere | None = None,
) -> ExitCode:
    """Train as told on the command line; whatever a user can mend is said in a sentence.

    Args:
        elsewhere: What trains with --cloud.
    """
    try:
        if elsewhere is not None:
            task = replace(task, config=elsewhere.extend(task.config))
        settings = task.config.from_arguments(sys.argv[1:] if arguments is None else arguments)
        if settings.describe:
            return describe(task)
        if settings.check:
            return check(task, settings, elsewhere)
        if settings.estimate:
            return estimate(task, settings)
        if settings.estimate_json:
            return estimate_json(task, settings, elsewhere)
        if elsewhere is not None and getattr(settings, "cloud", False):
            artifact = elsewhere.train(task, settings)
        else:
            artifact = _train_here(task, settings)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    except processes.Joined:
        return ExitCode.OK
    except Stopped as stop:
        command = "python train.py --resume"
        if settings.output != RunSettings.model_fields["output"].default:
            command += f" --output {shlex.quote(settings.output)}"
        if getattr(settings, "cloud", False):
            command += " --cloud"
        print(f"\nStopped: {stop}. Go on with: {command}", file=sys.stderr)
        return stop.exit_code
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr)
        return ExitCode.INTERRUPTED
    print(f"artifact  {artifact}\nreport    {artifact / 'report.html'}")
    return ExitCode.OK


def require_data(task: Task[Settings], settings: Settings) -> object | None:
    """Say what is wrong with data of this machine before anything is paid for; else what is in it.

    Raises:
        DataError: With every problem.
    """
    return None if is_on_hub(settings.data) else task.load(settings, Findings())


def _train_here(task: Task[Settings], settings: Settings) -> Path:
    processes.require_torchrun()
    if getattr(settings, "shard", False):
        processes.require_several()
    settings, folder = _begin(settings)
    if settings.push and processes.is_first():
        require_destination(settings.push)
    artifact = task.train(settings, Run(settings, folder))
    if settings.push:  # the other processes have left
        push_trained(artifact, settings.push)
    return artifact


def _begin(settings: Settings) -> tuple[Settings, Path | None]:
    """What to train with, and the folder of a run that goes on: the first node says so for all."""
    if processes.nodes() == 1:
        return _reopen_here(settings)

    def begin() -> tuple[dict[str, Any], Path | None]:
        found, folder = _reopen_here(settings)
        return found.model_dump(mode="json"), folder

    values, folder = processes.ask_first(begin)
    return type(settings).model_validate(values), folder


def _reopen_here(settings: Settings) -> tuple[Settings, Path | None]:
    if not settings.resume:
        return settings, None
    settings, folder = reopen(settings)
    if (folder / RENTAL).is_file():
        raise UserError(f"{folder} trains on a rented machine: go on with --resume --cloud.")
    return settings, folder


def describe(task: Task[Settings]) -> ExitCode:
    """Print what a form has to know about the model."""
    print(
        json.dumps(
            {
                "task": task.name,
                "algorithm": task.algorithm,
                "title": task.title,
                "columns": list(task.columns),
                "metric": task.metric,
                "has_estimate": task.forecast is not None,
                "input": task.input.model_json_schema(),
                "output": task.output.model_json_schema(),
                "settings": _settings_schema(task.config),
            }
        )
    )
    return ExitCode.OK


def check(task: Task[Settings], settings: Settings, elsewhere: Elsewhere | None = None) -> ExitCode:
    """Load the data as a training would, and print what was found."""
    findings = Findings()
    try:
        data = task.load(settings, findings)
        if elsewhere is not None and task.forecast is not None:
            findings.summary["estimate"] = _foretell(
                task.forecast, settings, data, elsewhere.provider
            )
    except DataError as error:
        findings.problems = list(error.problems)
    print(json.dumps(findings.to_json()))
    return ExitCode.DATA if findings.problems else ExitCode.OK


def _foretell(
    forecast: Callable[[Settings, Any], Forecast], settings: Settings, data: object, provider: str
) -> str:
    """What a check says of the training that it precedes; by the listed prices, nobody is asked."""
    try:
        return forecast(settings, data).cheapest(provider)
    except UserError as error:
        return f"none: {error}"


def estimate(task: Task[Settings], settings: Settings) -> ExitCode:
    """Print what the training needs, takes and costs, GPU by GPU."""
    _forecast(task, settings).show()
    return ExitCode.OK


def estimate_json(
    task: Task[Settings], settings: Settings, elsewhere: Elsewhere | None
) -> ExitCode:
    """Print as JSON what the training needs, takes and costs where it would run."""
    provider = elsewhere.provider if elsewhere else ""
    print(json.dumps(_forecast(task, settings).to_json(provider)))
    return ExitCode.OK


def _forecast(task: Task[Settings], settings: Settings) -> Forecast:
    if task.forecast is None:
        raise UserError(
            f"There is no estimate for {task.algorithm}: python train.py --debug measures a little of it."
        )
    return task.forecast(settings, task.load(settings, Findings()))


def _settings_schema(config: type[BaseModel]) -> dict[str, Any]:
    """Its properties come in the order of a form: what only this model has is the first."""
    schema = config.model_json_schema()
    of_every_model = [name for name in RunSettings.model_fields if name in schema["properties"]]
    own = [name for name in schema["properties"] if name not in of_every_model]
    shown = [name for name in own + of_every_model if name not in NO_SETTINGS]
    return schema | {"properties": {name: schema["properties"][name] for name in shown}}
