"""Tries settings side by side with Ray Tune, and makes the best trial a run like any other.

python tune.py --trials 20 -- --data data/train.csv
"""

import csv
import logging
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # it would send them to its makers

import ray
from pydantic import Field
from pydantic_settings import SettingsConfigDict
from ray import tune
from ray.tune.schedulers import ASHAScheduler
from ray.tune.search.basic_variant import BasicVariantGenerator

from core.arguments import Arguments
from core.command import Task
from core.errors import ExitCode, UserError
from core.search import Search, searched
from core.transfer import copy_artifact
from core.trial import Trial

MOST_EVALUATIONS = 100  # of a trial; later ones stop no trial early
REDUCTION = 3  # of three trials that came as far, one goes on


class TuneSettings(Arguments):
    model_config = SettingsConfigDict(cli_prog_name="tune.py")

    trials: int = Field(10, ge=1)
    """Settings to try; the first are those that a training takes by itself."""
    parallel: int = Field(1, ge=1)
    """Trials that run at the same time."""
    gpus: float = Field(0.0, ge=0)
    """GPUs of a trial; 0.5 puts two trials on one."""
    address: str = ""
    """Ray cluster to run on, whose machines share this folder; blank is this machine alone."""
    seed: int = Field(42, ge=0)
    """Seed of the settings that are tried."""


def run_tuning(task: Task[Any], arguments: list[str]) -> ExitCode:
    """Tune as told on the command line; what follows `--` is told to every training."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    try:
        settings = TuneSettings.from_arguments(arguments[:end])
        artifact = find_best(task, settings, arguments[end + 1 :])
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    print(f"artifact  {artifact}\nreport    {artifact / 'report.html'}")
    return ExitCode.OK


def find_best(task: Task[Any], settings: TuneSettings, given: list[str]) -> Path:
    """The best trial's artifact, copied to runs/; all trials are listed beside them.

    Args:
        given: Options of every training; what they set is not tuned.

    Raises:
        UserError: They are wrong, there is nothing to tune, or no trial ended well.
    """
    chosen = task.config.from_arguments(given)
    if chosen.push:
        raise UserError(
            "Leave out --push: each trial would go there. Push the best, which is printed in the end,"
            f" with python cloud.py push FOLDER {chosen.push}."
        )
    ranges = {n: found for n, found in searched(task.config).items() if n not in chosen.given()}
    if not ranges:
        raise UserError("Nothing is left to tune: give fewer options after --.")
    folder = (Path("tunes") / datetime.now(UTC).strftime("%Y%m%d-%H%M%S")).absolute()
    trial = tune.with_parameters(
        Trial, given=given, metric=task.metric, model=Path.cwd(), folder=folder
    )
    first = {_option(name): getattr(chosen, name) for name in ranges}
    _connect(settings)
    try:
        results = tune.Tuner(
            tune.with_resources(trial, {"cpu": 1, "gpu": settings.gpus}),
            param_space={_option(name): _sample(*found) for name, found in ranges.items()},
            tune_config=_plan(settings, first, "min" if task.lower_is_better else "max"),
            run_config=tune.RunConfig(
                name="ray",
                storage_path=str(folder),
                checkpoint_config=tune.CheckpointConfig(checkpoint_at_end=False),
                verbose=0,
            ),
        ).fit()
    finally:
        ray.shutdown()
    return _keep_best(task, folder, [results[number] for number in range(len(results))])


def _plan(settings: TuneSettings, first: dict[str, Any], mode: str) -> tune.TuneConfig:
    return tune.TuneConfig(
        metric="score",
        mode=mode,
        num_samples=settings.trials,
        search_alg=BasicVariantGenerator(
            [first], max_concurrent=settings.parallel, random_state=settings.seed
        ),
        scheduler=ASHAScheduler(max_t=MOST_EVALUATIONS, reduction_factor=REDUCTION),
    )


def _connect(settings: TuneSettings) -> None:
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    if not settings.address:
        quiet |= {"num_cpus": settings.parallel, "include_dashboard": False}
    modules = {"env_vars": {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}}
    try:
        ray.init(settings.address or "local", runtime_env=modules, **quiet)
    except ConnectionError as error:
        raise UserError(f"--address {settings.address}: {error}") from None


def _sample(search: Search, kind: Any) -> Any:
    if search.choices:
        return tune.choice(search.choices)
    if kind is int:  # the upper end is left out
        draw = tune.lograndint if search.log else tune.randint
        return draw(int(search.low), int(search.high) + 1)
    return (tune.loguniform if search.log else tune.uniform)(search.low, search.high)


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")


def _keep_best(task: Task[Any], folder: Path, results: list[tune.Result]) -> Path:
    rows = [{**(result.config or {}), **(result.metrics or {})} for result in results]
    _list(folder / "trials.csv", task.metric, rows)
    ended = [row for row in rows if "artifact" in row]
    if not ended:
        raise UserError(f"No trial ended well: {folder}/*/log.txt say why.")
    best = sorted(ended, key=lambda row: row["score"], reverse=not task.lower_is_better)[0]
    artifact = Path("runs") / Path(best["artifact"]).name
    artifact.parent.mkdir(exist_ok=True)
    copy_artifact(Path(best["artifact"]), artifact)
    settings = " ".join(f"{name} {best[name]}" for name in best if name.startswith("--"))
    print(f"{len(rows)} trials, of which {len(ended)} ran to their end: {folder}/trials.csv")
    print(f"best: {task.metric} {best['score']:.4g} with {settings}")
    return artifact


def _list(path: Path, metric: str, rows: list[dict[str, Any]]) -> None:
    """A table of all trials, for a spreadsheet."""
    options = list(dict.fromkeys(name for row in rows for name in row if name.startswith("--")))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["trial", *options, metric, "evaluations", "artifact"])
        for row in rows:
            names = ["trial_id", *options, "score", "training_iteration", "artifact"]
            writer.writerow([row.get(name) for name in names])
