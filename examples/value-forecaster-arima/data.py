"""Loads series of values over time, and refuses data that no model should learn.

python train.py --data data/train.csv --columns time=month --columns value=sales --horizon 6
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from checks import (
    LONGEST_NAME,
    NAME_KINDS,
    explain_time,
    explain_value,
    read_time,
    read_value,
    style_of,
)
from core.columns import Field, choose_columns
from core.dataset import DataSettings, count, fingerprint, load_rows
from core.errors import DataError, DataProblem, UserError, quote
from core.findings import Findings
from core.sources import Row
from core.values import explain_name, to_name, usual_kind
from frequency import FREQUENCIES, WEEKEND, Grid, Name, count_steps, find_frequency
from plan import Plan, PlanSettings, hold_out, make_plan
from series import Fill, Observation, Series, lay_out

TIME_NAMES = ("date", "datetime", "timestamp", "ds", "day", "week", "month", "quarter", "year")
VALUE_NAMES = ("y", "sales", "amount", "count", "quantity", "demand", "total", "target")
SERIES_NAMES = ("unique_id", "series_id", "id", "item", "store", "name")
FEWEST = 20  # values of a series
FEWEST_SAMPLES = 50  # of a series that is cut to --samples


def numbers(rows: Sequence[Row], names: Sequence[str]) -> list[str]:
    return [
        name for name in names if not any(explain_value(r.values.get(name), True) for r in rows)
    ]


def times(rows: Sequence[Row], names: Sequence[str]) -> list[str]:
    return [name for name in names if all(style_of(row.values.get(name)) for row in rows)]


COLUMNS = (
    Field("time", TIME_NAMES, times),
    Field("value", VALUE_NAMES, numbers),
    Field("series", SERIES_NAMES, is_required=False),
)
FIELDS = tuple(field.name for field in COLUMNS)


class Settings(DataSettings, PlanSettings, Protocol):
    @property
    def frequency(self) -> Name | None: ...
    @property
    def fill(self) -> Fill: ...


@dataclass(frozen=True, slots=True)
class Dataset:
    series: list[Series]
    grid: Grid
    plan: Plan
    notes: list[str]  # what was guessed, filled or looks odd
    fingerprint: str  # sha256 of all series, before `samples` takes some

    @property
    def train(self) -> range:
        """As many as values are known before the backtest."""
        return range(sum(one.known for one in self.series))

    @property
    def validation(self) -> range:
        return range(sum(len(one.values) - one.known for one in self.series))


def load_dataset(settings: Settings, findings: Findings | None = None) -> Dataset:
    """Read and check the data, and hold the end of each series out.

    Args:
        findings: Gets what is found on the way, also where it ends in an error.

    Raises:
        DataError: Each problem with file, row, column and what to do.
    """
    found = Findings() if findings is None else findings
    observations, columns = _load_observations(settings.data, settings, found)
    if settings.validation:
        named = {**settings.columns, **columns}
        observations += _load_observations(settings.validation, settings, found, named)[0]
    found.raise_problems()
    grid = _find_grid(observations, columns["time"], settings)
    series = lay_out(
        observations, grid, columns["time"], settings.fill, found.problems, found.notes
    )
    found.summary |= {"series": len(series), "frequency": grid.frequency.name}
    found.problems += _find_few(settings, series)
    found.raise_problems()
    digest = fingerprint([s.name, grid.show(s.start), s.known, s.values] for s in series)
    if settings.samples is not None:
        series = _take_samples(series, settings.samples, settings)
    plan = make_plan(settings.data, series, grid.frequency, settings, found.notes)
    series = hold_out(settings.data, series, plan, settings, found.notes)
    found.problems += _find_flat(settings.data, series)
    found.raise_problems()
    dataset = Dataset(series, grid, plan, found.notes, digest)
    found.summary |= {
        "season": plan.season,
        "horizon": plan.horizon,
        "from": grid.show(min(one.start for one in series)),
        "to": grid.show(max(one.end for one in series) - 1),
        "train_rows": len(dataset.train),
        "validation_rows": len(dataset.validation),
    }
    return dataset


def _load_observations(
    source: str, settings: Settings, found: Findings, columns: Mapping[str, str] | None = None
) -> tuple[list[Observation], dict[str, str]]:
    rows = load_rows(source, found)
    chosen = choose_columns(source, rows, columns or settings.columns, COLUMNS, found)
    usual = _usual_style(rows, chosen["time"])
    kind = usual_kind((r.values.get(chosen.get("series", "")) for r in rows), NAME_KINDS)
    observations = []
    for row in rows:
        values = {role: row.values.get(column) for role, column in chosen.items()}
        wrong = {
            "time": explain_time(values["time"], usual),
            "value": explain_value(values["value"], settings.fill != "no"),
            "series": _explain_series(values["series"], kind) if "series" in values else "",
        }
        found.problems += [
            DataProblem(row.file, message, row.number, chosen[role])
            for role, message in wrong.items()
            if message
        ]
        if not any(wrong.values()):
            observations.append(_read_row(row, values, chosen["value"], columns is not None))
    return observations, chosen


def _usual_style(rows: Sequence[Row], column: str) -> str:
    styles = Counter(style_of(row.values.get(column)) for row in rows)
    return max(filter(None, styles), key=styles.__getitem__, default="")


def _explain_series(value: object, usual: str) -> str:
    if problem := explain_name(value, "the name of a series", NAME_KINDS, usual):
        return problem
    if len(str(value)) > LONGEST_NAME:
        return f"has {len(str(value)):,} characters; a name has {LONGEST_NAME} at the most."
    return ""


def _read_row(row: Row, values: Mapping[str, object], only: str, is_held_out: bool) -> Observation:
    """Without a column of series there is one, called as the column of its values."""
    time = read_time(values["time"])
    assert time is not None
    name = to_name(values["series"]) if "series" in values else only
    return Observation(name, time, read_value(values["value"]), is_held_out, row.file, row.number)


def _find_grid(observations: Sequence[Observation], column: str, settings: Settings) -> Grid:
    times = [observation.time for observation in observations]
    if settings.frequency is not None:
        return Grid.of(FREQUENCIES[settings.frequency], times)
    by_series: dict[str, list[datetime]] = {}
    for observation in observations:
        by_series.setdefault(observation.series, []).append(observation.time)
    steps = count_steps(by_series.values())
    frequency = find_frequency(steps)
    if frequency is None:
        usual = (
            f"most are {_show(max(steps, key=steps.__getitem__))} apart" if steps else "all are one"
        )
        message = f"its times are at no usual distance, {usual}; say --frequency, such as day."
        raise DataError(DataProblem(settings.data, message, column=column))
    if frequency.name == "day" and not any(time.weekday() in WEEKEND for time in times):
        frequency = FREQUENCIES["weekday"]
    return Grid.of(frequency, times)


def _show(step: timedelta) -> str:
    days = step / timedelta(days=1)
    return f"{days:g} days" if days >= 1 else f"{step / timedelta(minutes=1):g} minutes"


def _find_few(settings: Settings, series: Sequence[Series]) -> list[DataProblem]:
    problems = []
    for one in series:
        message = ""
        if len(one.values) < FEWEST:
            message = f"has {count(len(one.values), 'value', 'values')}; {FEWEST} are the least."
        elif settings.validation and one.known == len(one.values):
            message = f"has no values in {settings.validation}; add them, or leave the series out."
        if message:
            problem = DataProblem(settings.data, f"the series {quote(one.name)} {message}")
            problems.append(problem)
    return problems


def _find_flat(source: str, series: Sequence[Series]) -> list[DataProblem]:
    return [
        DataProblem(
            source,
            f"the series {quote(one.name)} has the value {one.values[0]:g} all the time before the"
            " backtest; there is nothing to learn. Leave it out.",
        )
        for one in series
        if len(set(one.values[: one.known])) == 1
    ]


def _take_samples(series: Sequence[Series], samples: int, settings: Settings) -> list[Series]:
    """The newest values of as many series as can keep enough of them.

    Raises:
        UserError: Not one can.
    """
    season, horizon = settings.season or 1, settings.horizon or 1
    least = max(FEWEST, settings.least_history(season, horizon) + horizon)
    if samples < least:
        raise UserError(f"--samples {samples}: {least} are the least for such a forecast.")
    most = max(1, samples // max(FEWEST_SAMPLES, least))
    return [one.cut(samples // min(most, len(series))) for one in series[:most]]
