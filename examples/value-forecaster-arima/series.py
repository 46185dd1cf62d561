"""Puts what was observed on the calendar: series without gaps, or a sentence for each fault."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Literal, Self

from core.dataset import count
from core.errors import DataProblem, quote
from frequency import WEEKEND, Grid

LEAST_MEASURED = 0.5  # share of the values of a series
Fill = Literal["no", "linear", "previous", "zero"]


@dataclass(frozen=True, slots=True)
class Observation:
    series: str
    time: datetime
    value: float | None  # none is a gap
    is_held_out: bool  # of the validation data
    file: str
    row: int

    @property
    def place(self) -> str:
        return f"{self.file}, row {self.row}"


@dataclass(frozen=True, slots=True)
class Series:
    """A value for each period from `start` on."""

    name: str
    start: int
    values: list[float]
    filled: frozenset[int]  # places of values that were not measured
    known: int  # values before those that the backtest asks for

    @property
    def end(self) -> int:
        """The first period that is not known."""
        return self.start + len(self.values)

    def origins(self, horizon: int) -> range:
        """Places from which the backtest forecasts so many periods."""
        return range(self.known, len(self.values) - horizon + 1, horizon)

    def cut(self, most: int) -> Self:
        """At the most so many values: the newest ones, of which a third may be held out."""
        tail = min(len(self.values) - self.known, most // 3)
        head = min(self.known, most - tail)
        first = self.known - head
        return replace(
            self,
            start=self.start + first,
            values=self.values[first : self.known + tail],
            filled=frozenset(p - first for p in self.filled if first <= p < self.known + tail),
            known=head,
        )


def lay_out(
    observations: Sequence[Observation],
    grid: Grid,
    column: str,
    fill: Fill,
    problems: list[DataProblem],
    notes: list[str],
) -> list[Series]:
    """The series, sorted by name; what is wrong with one goes to `problems`.

    Args:
        column: Of the time, for the sentences.
    """
    by_name: dict[str, list[Observation]] = {}
    for observation in observations:
        by_name.setdefault(observation.series, []).append(observation)
    found = []
    _note_order(by_name.values(), notes)
    for name, own in sorted(by_name.items()):
        own.sort(key=lambda observation: observation.time)
        faults = _find_faults(own, grid, column)
        if not faults and fill == "no":
            faults = _find_gaps(own, grid, column)
        elif not faults:
            faults = _find_void(own, grid)
        problems += faults
        if not faults:
            found.append(_to_series(name, own, grid, fill))
    _note_filled(found, grid, fill, notes)
    return found


def _find_faults(own: Sequence[Observation], grid: Grid, column: str) -> list[DataProblem]:
    faults = []
    seen: dict[int, Observation] = {}
    last = max((o.time for o in own if not o.is_held_out), default=None)
    for observation in own:
        number = grid.number(observation.time)
        message = ""
        if number is None:
            message = _explain_off_grid(observation.time, grid)
        elif number in seen:
            message = (
                f"the series {quote(observation.series)} has this time in {seen[number].place}"
                " too; keep one of them, or say --columns series=NAME if there are several series."
            )
        elif last is None:
            message = f"the series {quote(observation.series)} is not in the training data."
        elif observation.is_held_out and observation.time < last:
            message = "lies before the end of the training data; validation data comes after it."
        if message:
            faults.append(DataProblem(observation.file, message, observation.row, column))
        elif number is not None:
            seen[number] = observation
    return faults


def _explain_off_grid(time: datetime, grid: Grid) -> str:
    if grid.frequency.name == "weekday" and time.weekday() in WEEKEND:
        return "is on a weekend, and the frequency is weekday; delete it or say --frequency day."
    return (
        f"is {time.isoformat(' ', 'minutes')}, where no {grid.frequency.name} of this data begins:"
        f" one does at {grid.show(grid.nearest(time))}. Correct it, or say another --frequency."
    )


def _find_gaps(own: Sequence[Observation], grid: Grid, column: str) -> list[DataProblem]:
    faults = []
    for before, after in pairwise(own):
        first, last = grid.number(before.time), grid.number(after.time)
        assert first is not None
        assert last is not None
        if missing := last - first - 1:
            name = grid.frequency.name
            gap = count(missing, f"{name} is", f"{name}s are")
            span = " to ".join(dict.fromkeys([grid.show(first + 1), grid.show(last - 1)]))
            message = (
                f"before it {gap} missing in the series {quote(after.series)}, {span};"
                " add the rows, or say --fill linear, previous or zero."
            )
            faults.append(DataProblem(after.file, message, after.row, column))
    return faults


def _find_void(own: Sequence[Observation], grid: Grid) -> list[DataProblem]:
    """A series that is mostly gaps: what would be learnt is the filling."""
    first, last = grid.number(own[0].time), grid.number(own[-1].time)
    assert first is not None
    assert last is not None
    periods, measured = last - first + 1, sum(o.value is not None for o in own)
    if measured >= periods * LEAST_MEASURED:
        return []
    message = (
        f"the series {quote(own[0].series)} has {measured:,} of {periods:,} values,"
        f" {grid.show(first)} to {grid.show(last)}: too few to fill the gaps between."
    )
    return [DataProblem(own[0].file, message)]


def _to_series(name: str, own: Sequence[Observation], grid: Grid, fill: Fill) -> Series:
    numbers = [number for o in own if (number := grid.number(o.time)) is not None]
    start = numbers[0]
    values: list[float | None] = [None] * (numbers[-1] - start + 1)
    for number, observation in zip(numbers, own, strict=True):
        values[number - start] = observation.value
    known = max(n for n, o in zip(numbers, own, strict=True) if not o.is_held_out) + 1 - start
    filled = frozenset(place for place, value in enumerate(values) if value is None)
    return Series(name, start, _fill(values, fill), filled, known)


def _fill(values: Sequence[float | None], fill: Fill) -> list[float]:
    """Gaps at the ends get the nearest value, unless they are filled with 0."""
    if fill == "zero":
        return [value or 0.0 for value in values]
    measured = [(place, value) for place, value in enumerate(values) if value is not None]
    filled: list[float] = []
    for (place, value), (after, other) in pairwise([*measured, measured[-1]]):
        slope = (other - value) / max(1, after - place) if fill == "linear" else 0.0
        filled += [value + slope * step for step in range(max(1, after - place))]
    before, after = measured[0][0], len(values) - 1 - measured[-1][0]
    return [filled[0]] * before + filled + [filled[-1]] * after


def _note_order(series: Iterable[Sequence[Observation]], notes: list[str]) -> None:
    back = [
        next((after for before, after in pairwise(own) if after.time < before.time), None)
        for own in series
    ]
    if unsorted := [observation for observation in back if observation is not None]:
        notes.append(
            f"{unsorted[0].place}: is earlier than the row of its series before;"
            f" {count(len(unsorted), 'series was', 'series were')} sorted by time."
        )


def _note_filled(found: Sequence[Series], grid: Grid, fill: Fill, notes: list[str]) -> None:
    gappy = [series for series in found if series.filled]
    if gappy:
        values = count(sum(len(series.filled) for series in gappy), "value", "values")
        first = grid.show(gappy[0].start + min(gappy[0].filled))
        notes.append(
            f"Filled {values} of {len(gappy):,} series (--fill {fill}), first {first} of"
            f" {quote(gappy[0].name)}; errors are not measured there."
        )
