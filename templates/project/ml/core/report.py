"""Writes a run's report: one HTML file that needs neither a network nor a script.

write_report(folder / "report.html", title="Trade classifier", facts=…, verdict=…, sections=[…])
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined

SIZE = {"width": 460, "height": 290, "left": 54, "right": 14, "top": 10, "bottom": 46}  # of a chart
MAX_POINTS = 400  # of a line; more cannot be told apart and only make the file heavy

Mood = Literal["good", "unclear", "bad"]
Cell = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Figure:
    """One headline number beside the baseline's, both as they are shown."""

    name: str
    value: str
    baseline: str = ""
    better: bool | None = None  # None: neither or not known


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the model is worth having, in one sentence that is seen first."""

    mood: Mood
    sentence: str
    detail: str = ""
    figures: Sequence[Figure] = ()
    difference: tuple[float, float, float] | None = None  # low, middle, high: 0.02 is two points
    difference_in: str = "accuracy"
    is_relative: bool = False  # the difference is a share of what the baseline has


@dataclass(frozen=True, slots=True)
class Point:
    x: float
    y: float
    hint: str = ""  # shown on hover
    size: float = 0.0  # radius of its marker; 0 draws none


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    points: Sequence[Point]
    dashed: bool = False
    joined: bool = True  # False: its points alone, as in a scatter plot
    band: Sequence[tuple[float, float]] = ()  # low and high at each point: an interval around it

    @property
    def enclosure(self) -> list[tuple[float, float]]:
        """The outline of the band: along its upper edge, and back along the lower one."""
        edges = [(p.x, low, high) for p, (low, high) in zip(self.points, self.band, strict=False)]
        return [(x, high) for x, _, high in edges] + [(x, low) for x, low, _ in reversed(edges)]

    @property
    def drawn(self) -> list[Point]:
        """The points that can be drawn, thinned evenly; the last one always stays."""
        finite = [p for p in self.points if math.isfinite(p.x) and math.isfinite(p.y)]
        step = max(1, math.ceil(len(finite) / MAX_POINTS))
        return finite[::step] + (finite[-1:] if (len(finite) - 1) % step else [])


@dataclass(frozen=True, slots=True)
class Chart:
    """Lines over a common x axis; a range left open is taken from the points."""

    kind: ClassVar[str] = "chart"
    title: str
    x_label: str
    y_label: str
    lines: Sequence[Line]
    note: str = ""
    x_range: tuple[float, float] | None = None
    y_range: tuple[float, float] | None = None

    @property
    def x_ticks(self) -> list[float]:
        return ticks(self.x_range or extent([p.x for line in self.lines for p in line.drawn]))

    @property
    def y_ticks(self) -> list[float]:
        drawn = [p.y for line in self.lines for p in line.drawn]
        bands = [y for line in self.lines for _, y in line.enclosure]
        return ticks(self.y_range or extent(drawn + bands))

    @property
    def summary(self) -> str:
        ends = [(line.name, line.drawn) for line in self.lines if line.drawn and not line.dashed]
        return "; ".join(f"{n} from {show(p[0].y)} to {show(p[-1].y)}" for n, p in ends)

    def x_at(self, value: float) -> float:
        low, high = self.x_ticks[0], self.x_ticks[-1]
        left, right = SIZE["left"], SIZE["width"] - SIZE["right"]
        return round(left + (value - low) / (high - low) * (right - left), 1)

    def y_at(self, value: float) -> float:
        low, high = self.y_ticks[0], self.y_ticks[-1]
        bottom = SIZE["height"] - SIZE["bottom"]
        return round(bottom - (value - low) / (high - low) * (bottom - SIZE["top"]), 1)


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    value: float  # 0 to 1
    shown: str
    detail: str = ""
    baseline: float | None = None  # drawn as a tick on the bar


@dataclass(frozen=True, slots=True)
class Bars:
    kind: ClassVar[str] = "bars"
    title: str
    bars: Sequence[Bar]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Heatmap:
    """Counts of truth (rows) against prediction (columns); the diagonal is right."""

    kind: ClassVar[str] = "heatmap"
    title: str
    labels: Sequence[str]
    counts: Sequence[Sequence[int]]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Mistake:
    excerpt: str
    truth: str
    predicted: str
    place: str  # data/val.csv, row 17
    sureness: str = ""  # how sure the model was, or how far off, in a few words
    picture: str = ""  # a data URL


@dataclass(frozen=True, slots=True)
class Mistakes:
    kind: ClassVar[str] = "mistakes"
    title: str
    mistakes: Sequence[Mistake]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Numbers are set to the right; the row `chosen` stands out."""

    kind: ClassVar[str] = "table"
    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    note: str = ""
    chosen: int | None = None
    is_wide: bool = False  # has a row of the page to itself


@dataclass(frozen=True, slots=True)
class Pair:
    """What a model was asked and what it answered, beside what was expected of it."""

    asked: str
    answered: str
    expected: str
    place: str
    before: str = ""  # what was answered before the training


@dataclass(frozen=True, slots=True)
class Pairs:
    kind: ClassVar[str] = "pairs"
    title: str
    pairs: Sequence[Pair]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Strip:
    """Pictures side by side."""

    title: str
    pictures: Sequence[str]  # data URLs, one for each head
    place: str = ""


@dataclass(frozen=True, slots=True)
class Gallery:
    kind: ClassVar[str] = "gallery"
    title: str
    heads: Sequence[str]  # what the pictures of each strip are, from left to right
    strips: Sequence[Strip]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Notes:
    """Warnings and what was guessed; an empty list leaves the section out."""

    kind: ClassVar[str] = "notes"
    title: str
    items: Sequence[str]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and values: the configuration, the environment, the fingerprint."""

    kind: ClassVar[str] = "facts"
    title: str
    values: Mapping[str, object]
    note: str = ""


Section = Chart | Bars | Heatmap | Mistakes | Table | Pairs | Gallery | Notes | Facts


def write_report(
    path: Path,
    *,
    title: str,
    facts: Mapping[str, str],
    verdict: Verdict,
    sections: Sequence[Section],
    kind: str = "Training report",
) -> None:
    """Writes the page; `facts` stand below the title: task, algorithm, date, duration, data."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["shown"] = show
    filled = [s for s in sections if not (isinstance(s, Notes) and not s.items)]
    page = environment.get_template("report.html").render(
        title=title, kind=kind, facts=facts, verdict=verdict, sections=filled, size=SIZE
    )
    path.write_text(page, encoding="utf-8")


def say(mood: Mood, against: str, rows: str) -> str:
    """A verdict's sentence.

    Args:
        against: The model's figure and the baseline's: "52.0 % against 48.5 % accuracy".
        rows: On what they were measured: "171 validation rows".
    """
    if mood == "unclear":
        return f"Does not beat the baseline: {against} is within noise on {rows}."
    return f"{'Beats' if mood == 'good' else 'Worse than'} the baseline: {against} on {rows}."


def show(value: object) -> str:
    """A value as people write it: 12,000, 0.0312, yes."""
    if value is None or value == "":
        return "\N{EN DASH}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={show(item)}" for name, item in value.items()) or show(None)
    if isinstance(value, list | tuple):
        return ", ".join(map(show, value)) or show(None)
    return str(value)


def extent(values: Sequence[float]) -> tuple[float, float]:
    return (min(values), max(values)) if values else (0.0, 1.0)


def ticks(span: tuple[float, float], about: int = 5) -> list[float]:
    """Round numbers that enclose `span`, about so many: 0, 0.2, 0.4, …"""
    low, high = span if span[0] < span[1] else (span[0] - 0.5, span[0] + 0.5)
    power = 10.0 ** math.floor(math.log10((high - low) / about))
    step = next(power * by for by in (1, 2, 2.5, 5, 10) if (high - low) / (power * by) <= about)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    digits = 10 - math.floor(math.log10(step))
    return [round(number * step, digits) for number in range(first, last + 1)]
