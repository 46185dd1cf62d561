"""How far to look ahead and how to test it: as the settings say, else what the data allows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from core.dataset import count
from core.errors import DataError, DataProblem, quote
from frequency import Frequency
from series import Series

MOST_WINDOWS = 10  # forecasts of each series in the backtest, unless --windows says more
BACKTESTED = 3  # one value in so many is held out, at the most
FEWEST_FORECASTS = 6  # all better by chance: once in 64, while fewer tell nothing


class PlanSettings(Protocol):
    @property
    def season(self) -> int | None: ...
    @property
    def horizon(self) -> int | None: ...
    @property
    def windows(self) -> int | None: ...

    def least_history(self, season: int, horizon: int) -> int:
        """Values that a series needs before the backtest."""


@dataclass(frozen=True, slots=True)
class Plan:
    season: int  # periods after which a pattern comes again; 1 is none
    horizon: int  # periods that a forecast covers


def make_plan(
    source: str,
    series: Sequence[Series],
    frequency: Frequency,
    settings: PlanSettings,
    notes: list[str],
) -> Plan:
    """
    Raises:
        DataError: Series are too short for what the settings say, or for anything.
    """
    shortest = min(series, key=lambda one: one.known)

    def is_enough(season: int, horizon: int) -> bool:
        return not any(_lacks(one, season, horizon, settings) for one in series)

    season = settings.season or frequency.season
    if settings.season is None and season > 1 and not is_enough(season, settings.horizon or 1):
        notes.append(
            f"{source}: the series {quote(shortest.name)} is too short to learn seasons of"
            f" {season} {frequency.name}s from, so none are looked for."
        )
        season = 1
    longest = settings.horizon or frequency.horizon
    shorter = range(longest, 0 if settings.horizon is None else longest - 1, -1)
    horizon = next((steps for steps in shorter if is_enough(season, steps)), shorter[-1])
    if lacking := [one for one in series if _lacks(one, season, horizon, settings)]:
        raise DataError(*(_explain(source, one, season, horizon, settings) for one in lacking))
    notes.append(
        f"{source}: one value every {frequency.name}, seasons of {season}, forecasts of {horizon};"
        " --frequency, --season and --horizon say otherwise."
    )
    return Plan(season, horizon)


def hold_out(
    source: str, series: Sequence[Series], plan: Plan, settings: PlanSettings, notes: list[str]
) -> list[Series]:
    """Set the end of each series apart, unless a file of its own did."""
    held_out = [_hold_out(one, plan, settings) for one in series]
    values = count(sum(len(one.values) - one.known for one in held_out), "value", "values")
    number = sum(len(one.origins(plan.horizon)) for one in held_out)
    notes.append(
        f"{source}: held out {values} at the ends of the series, for"
        f" {count(number, 'forecast', 'forecasts')} of {count(plan.horizon, 'value', 'values')}."
    )
    if number < FEWEST_FORECASTS:
        notes.append(
            f"{source}: so few forecasts tell nothing; from {FEWEST_FORECASTS} on they are judged."
            " Give more values, or a smaller --horizon."
        )
    return held_out


def _hold_out(series: Series, plan: Plan, settings: PlanSettings) -> Series:
    if series.known < len(series.values):
        return series
    usual = max(1, min(MOST_WINDOWS, len(series.values) // BACKTESTED // plan.horizon))
    room = len(series.values) - settings.least_history(plan.season, plan.horizon)
    windows = min(settings.windows or usual, room // plan.horizon)
    return replace(series, known=len(series.values) - windows * plan.horizon)


def _lacks(series: Series, season: int, horizon: int, settings: PlanSettings) -> bool:
    least = settings.least_history(season, horizon)
    if held_out := len(series.values) - series.known:
        return series.known < least or held_out < horizon
    return series.known < least + horizon


def _explain(
    source: str, series: Series, season: int, horizon: int, settings: PlanSettings
) -> DataProblem:
    least = settings.least_history(season, horizon)
    held_out = len(series.values) - series.known
    has = f"{series.known} and {held_out} to validate" if held_out else f"{series.known}"
    needs = f"{least} and {horizon} to validate" if held_out else f"{least + horizon}"
    return DataProblem(
        source,
        f"the series {quote(series.name)} has too few values, {has}: {needs} are the least for a"
        f" season of {season} and a horizon of {horizon}. Add older ones, or leave the series out.",
    )
