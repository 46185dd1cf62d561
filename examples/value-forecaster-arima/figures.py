"""What a forecaster's report shows: forecasts beside what came, errors by distance and series."""

import numpy as np

from backtest import LEVELS, MEDIAN, Evaluation, Floats, Window
from core.report import Cell, Chart, Line, Point, Section, Table
from data import Dataset

SHOWN = 4  # series
SEASONS = 3  # of history before a forecast
LEAST_HISTORY = 24  # values


def describe(dataset: Dataset, model: Evaluation, baseline: Evaluation) -> list[Section]:
    return [
        *_forecasts(dataset, model),
        _by_step(model, baseline),
        _coverage_by_step(model),
        _by_series(model, baseline),
    ]


def _forecasts(dataset: Dataset, model: Evaluation) -> list[Chart]:
    """The last forecast of the series, from the one it is best on to the one it is worst on."""
    last = {window.series.name: number for number, window in enumerate(model.windows)}
    errors = model.mase
    ordered = sorted(last.values(), key=lambda number: float(errors[number]))
    chosen = np.linspace(0, len(ordered) - 1, min(SHOWN, len(ordered))).astype(int)
    return [
        _forecast(dataset, model.windows[ordered[at]], model.forecasts[ordered[at]])
        for at in chosen.tolist()
    ]


def _forecast(dataset: Dataset, window: Window, rows: Floats) -> Chart:
    grid, start, values = dataset.grid, window.series.start, window.series.values
    shown = max(SEASONS * dataset.plan.season, LEAST_HISTORY)
    before = range(max(0, window.origin - shown), window.origin)
    ahead = range(window.origin, window.origin + len(rows))
    low, high = LEVELS["95"]

    def point(place: int, value: float) -> Point:
        return Point(place - window.origin + 1, value, f"{grid.show(start + place)}: {value:.4g}")

    return Chart(
        f"{window.series.name}: the last forecast of the backtest",
        f"{grid.frequency.name.capitalize()}s from {grid.show(start + window.origin - 1)} on",
        window.series.name,
        [
            Line("What came", [point(at, values[at]) for at in (*before, *ahead)]),
            Line(
                "Forecast, 95 % interval",
                [point(at, row[MEDIAN]) for at, row in zip(ahead, rows.tolist(), strict=True)],
                band=[(row[low], row[high]) for row in rows.tolist()],
            ),
        ],
    )


def _by_step(model: Evaluation, baseline: Evaluation) -> Chart:
    def line(name: str, evaluation: Evaluation, dashed: bool = False) -> Line:
        return _line(name, _mean_by_step(evaluation.scaled_errors), dashed)

    return Chart(
        "Error by how far ahead",
        "Periods ahead",
        "Scaled error (MASE)",
        [line("Model", model), line("Baseline", baseline, dashed=True)],
        note="1 is the mean error of the seasonal naive forecast before the backtest.",
    )


def _coverage_by_step(model: Evaluation) -> Chart:
    lines = []
    for level in LEVELS:
        covered = _mean_by_step(model.covered(level))
        lines.append(_line(f"{level} % interval", covered))
        lines.append(_line(f"{level} %", np.full(len(covered), int(level) / 100), dashed=True))
    return Chart(
        "How often the truth was inside of the interval",
        "Periods ahead",
        "Share of the forecasts",
        lines,
        note="A line below the dashed one of its level means intervals that are too narrow.",
        y_range=(0.0, 1.0),
    )


def _mean_by_step(values: Floats) -> Floats:
    """Over the windows; no number where all of them were filled."""
    measured = (~np.isnan(values)).sum(axis=0)
    total = np.nansum(values, axis=0)
    return np.where(measured > 0, total / np.maximum(measured, 1), np.nan)


def _line(name: str, values: Floats, dashed: bool = False) -> Line:
    return Line(name, [Point(step, value) for step, value in enumerate(values.tolist(), 1)], dashed)


def _by_series(model: Evaluation, baseline: Evaluation) -> Table:
    names = np.array([window.series.name for window in model.windows])
    rows: list[list[Cell]] = []
    for name in dict.fromkeys(names.tolist()):
        chosen = names == name
        ours, theirs = model.mase[chosen], baseline.mase[chosen]
        coverage = [float(np.nanmean(model.covered(level)[chosen])) for level in LEVELS]
        shares = [f"{share:.0%}" for share in coverage]
        rows.append([name, len(ours), round(ours.mean(), 3), round(theirs.mean(), 3), *shares])
    rows.sort(key=lambda row: float(str(row[2])))
    inside = [f"Inside of {level} %" for level in LEVELS]
    return Table(
        "By series", ["Series", "Forecasts", "MASE", "MASE of the baseline", *inside], rows[:50]
    )
