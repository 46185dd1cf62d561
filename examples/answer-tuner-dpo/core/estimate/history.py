"""What the runs before this one took, beside what was expected of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.records import read_records

SETTLED = 20  # steps after which a speed is worth remembering


@dataclass(frozen=True, slots=True)
class Past:
    """
    Args:
        machine: GPU, and how many of it.
        training: Method, and base model.
        rates: Samples a second that were expected, and that were measured.
    """

    machine: tuple[str, int]
    training: tuple[str, str]
    rates: tuple[float, float]


def read_history(model: Path) -> list[Past]:
    """Of all runs of a model that were estimated and got far enough, debug runs included.

    Args:
        model: Its folder.
    """
    return [past for events in _each_run(model) if (past := _past(events)) is not None]


def measured_here(model: Path) -> float | None:
    """Samples a second of the newest run on this machine, whatever its settings were."""
    for events in reversed([*_each_run(model)]):
        steps = [event for event in events if event["event"] == "step"]
        if steps and not any(event["event"] == "rented" for event in events):
            return float(steps[-1]["samples_per_second"])
    return None


def _past(events: list[dict[str, Any]]) -> Past | None:
    expected = [event for event in events if event["event"] == "estimate"]
    steps = [event for event in events if event["event"] == "step" and event["step"] >= SETTLED]
    if not expected or not steps:
        return None
    last = expected[-1]
    return Past(
        (last["gpu"], last["gpus"]),
        (last["method"], last["base_model"]),
        (last["samples_per_second"], steps[-1]["samples_per_second"]),
    )


def _each_run(model: Path) -> Iterator[list[dict[str, Any]]]:
    """Oldest first: a run is called by its time. Those of `cloud.py` are in the folders of its jobs."""
    runs = [*model.glob("runs/*/events.jsonl"), *model.glob("jobs/*/runs/*/events.jsonl")]
    for path in sorted(runs, key=lambda path: path.parent.name):
        yield read_records(path)
