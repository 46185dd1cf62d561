"""How often a series is measured: found in its times, and the calendar that follows from it."""

import calendar
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal, Self, TypeVar

EPOCH = datetime(1970, 1, 1)
MONDAY = datetime(1969, 12, 29)
DAY = 86_400  # seconds
WEEKEND = (5, 6)  # Saturday and Sunday, as datetime counts
LAST_DAY = 31  # of a month, whatever its length

Value = TypeVar("Value", int, timedelta)
Name = Literal[
    "minute", "quarter-hour", "hour", "day", "weekday", "week", "month", "quarter", "year"
]


@dataclass(frozen=True, slots=True)
class Frequency:
    """A period is `seconds` long, or so many `months`; weekdays are days without weekends."""

    name: Name
    season: int  # periods after which a pattern usually comes again
    horizon: int  # periods that are usually asked for
    seconds: int = 0
    months: int = 0

    def spans(self, step: timedelta) -> bool:
        """Whether `step` is one period."""
        if not self.months:
            return step.total_seconds() == self.seconds
        # 28 to 31 days a month, and no more than a day off for quarters and years
        days = step / timedelta(days=1)
        return 28 * self.months <= days <= 31 * self.months and days == int(days)


FREQUENCIES: dict[Name, Frequency] = {
    frequency.name: frequency
    for frequency in (
        Frequency("minute", season=60, horizon=60, seconds=60),
        Frequency("quarter-hour", season=96, horizon=96, seconds=900),
        Frequency("hour", season=24, horizon=24, seconds=3600),
        Frequency("day", season=7, horizon=14, seconds=DAY),
        Frequency("weekday", season=5, horizon=10, seconds=DAY),
        Frequency("week", season=52, horizon=13, seconds=7 * DAY),
        Frequency("month", season=12, horizon=12, months=1),
        Frequency("quarter", season=4, horizon=8, months=3),
        Frequency("year", season=1, horizon=5, months=12),
    )
}


def count_steps(series: Iterable[Sequence[datetime]]) -> Counter[timedelta]:
    """How often neighbouring times of a series are how far apart."""
    steps: Counter[timedelta] = Counter()
    for times in series:
        steps.update(after - before for before, after in pairwise(sorted(set(times))))
    return steps


def find_frequency(steps: Mapping[timedelta, int]) -> Frequency | None:
    """The period that most of the steps span; none where they span no known one."""
    found: Counter[Name | None] = Counter()
    for step, number in steps.items():
        found[next((f.name for f in FREQUENCIES.values() if f.spans(step)), None)] += number
    best = max(found, key=found.__getitem__, default=None)
    return FREQUENCIES[best] if best else None


@dataclass(frozen=True, slots=True)
class Grid:
    """Numbers the periods from `origin`, the time of period 0."""

    frequency: Frequency
    origin: datetime
    day: int = 1  # of the month, where periods are months; LAST_DAY is the last one

    @classmethod
    def of(cls, frequency: Frequency, times: Sequence[datetime]) -> Self:
        """The grid that most of the times are on."""
        if frequency.months:
            day = LAST_DAY if all(map(_ends_month, times)) else _usual(t.day for t in times)
            clock = _usual(time - _midnight(time) for time in times)
            month = _usual(_month(time) % frequency.months for time in times)
            return cls(frequency, _add_months(EPOCH, month) + clock, day)
        start = MONDAY if frequency.seconds > DAY or frequency.name == "weekday" else EPOCH
        length = timedelta(seconds=frequency.seconds)
        return cls(frequency, start + _usual((time - start) % length for time in times))

    def number(self, time: datetime) -> int | None:
        """The period that begins at `time`; none begins off the grid."""
        number = self.nearest(time)
        return number if self.time(number) == time else None

    def nearest(self, time: datetime) -> int:
        """A period that begins at `time` or close to it."""
        if self.frequency.months:
            return (_month(time) - _month(self.origin)) // self.frequency.months
        number = (time - self.origin) // timedelta(seconds=self.frequency.seconds)
        if self.frequency.name == "weekday":
            week, day = divmod(number, 7)
            return week * 5 + min(day, 4)
        return number

    def time(self, number: int) -> datetime:
        if self.frequency.months:
            time = _add_months(self.origin, number * self.frequency.months)
            last = calendar.monthrange(time.year, time.month)[1]
            return time.replace(day=min(self.day, last))
        if self.frequency.name == "weekday":
            week, day = divmod(number, 5)
            number = week * 7 + day
        return self.origin + timedelta(seconds=self.frequency.seconds) * number

    def show(self, number: int) -> str:
        """The time of a period, as the data would write it."""
        time = self.time(number)
        is_day = self.frequency.seconds % DAY == 0 and time == _midnight(time)
        return time.date().isoformat() if is_day else time.isoformat(timespec="minutes")


def _month(time: datetime) -> int:
    return time.year * 12 + time.month - 1


def _add_months(time: datetime, months: int) -> datetime:
    year, month = divmod(_month(time) + months, 12)
    return time.replace(year=year, month=month + 1)


def _midnight(time: datetime) -> datetime:
    return time.replace(hour=0, minute=0, second=0, microsecond=0)


def _ends_month(time: datetime) -> bool:
    return time.day == calendar.monthrange(time.year, time.month)[1]


def _usual(values: Iterable[Value]) -> Value:
    return Counter(values).most_common(1)[0][0]
