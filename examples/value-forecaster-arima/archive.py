"""What is served beside a model: the calendar, and the series as far as they are known."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from backtest import History
from frequency import FREQUENCIES, Grid
from plan import Plan
from series import Series

FILE = "series.json"


@dataclass(frozen=True, slots=True)
class Archive:
    grid: Grid
    plan: Plan
    series: dict[str, History]

    @classmethod
    def load(cls, folder: Path) -> "Archive":
        content = json.loads((folder / FILE).read_text("utf-8"))
        grid = Grid(
            FREQUENCIES[content["frequency"]],
            datetime.fromisoformat(content["origin"]),
            content["day"],
        )
        series = {
            name: History(name, one["start"], np.array(one["values"]))
            for name, one in content["series"].items()
        }
        return cls(grid, Plan(content["season"], content["horizon"]), series)

    def extend(self, name: str | None, newer: History) -> History:
        """What is known of the series, with newer values that replace those of the same periods.

        They stand alone where nothing is known, or not up to where they begin.
        """
        known = self.series.get(name) if name is not None else None
        if known is None:
            return newer
        before = newer.start - known.start
        if not 0 <= before <= len(known.values):
            return History(name, newer.start, newer.values)
        return History(name, known.start, np.concatenate([known.values[:before], newer.values]))


def save_archive(folder: Path, grid: Grid, plan: Plan, series: list[Series]) -> None:
    content = {
        "frequency": grid.frequency.name,
        "origin": grid.origin.isoformat(),
        "day": grid.day,
        "season": plan.season,
        "horizon": plan.horizon,
        "series": {one.name: {"start": one.start, "values": one.values} for one in series},
    }
    (folder / FILE).write_text(json.dumps(content), encoding="utf-8")
