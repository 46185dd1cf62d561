"""Answers with a trained model: `Predictor.load(artifact).predict([Input(series="turnover")])`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from archive import Archive
from backtest import LEVELS, MEDIAN, Forecaster, History
from checks import read_time
from core.artifact import read_manifest
from core.dataset import count
from core.errors import quote, shorten
from model import load_model
from schemas import Forecast, Input, Observed, Output

SHOWN = 5  # names of series in a sentence


@dataclass(frozen=True, slots=True)
class Query:
    name: str | None
    history: History
    horizon: int


class Predictor:
    token_budget = 64  # requests at a time; each counts as one

    def __init__(self, archive: Archive, model: Forecaster) -> None:
        self.archive = archive
        self.model = model

    @classmethod
    def load(cls, artifact: Path) -> Self:
        """Raises ArtifactError where there is no complete artifact."""
        read_manifest(artifact)
        archive = Archive.load(artifact)
        return cls(archive, load_model(artifact, archive))

    def prepare(self, item: Input) -> Query:
        """
        Raises:
            ValueError: Nothing can be forecast from what the request says.
        """
        most = self.archive.plan.horizon
        horizon = item.horizon or most
        if horizon > most:
            raise ValueError(f"horizon is {horizon}; the model was tested for {most} at the most")
        name = item.series
        if name is None and len(self.archive.series) == 1 and not item.history:
            (name,) = self.archive.series
        history = self._find_history(name, item.history)
        if len(history.values) < self.model.least:
            raise ValueError(self._explain_short(name, history))
        return Query(name, history, horizon)

    def size(self, prepared: Query) -> int:
        return 1

    def infer(self, batch: list[Query]) -> list[Output]:
        return [self._answer(query) for query in batch]

    def predict(self, inputs: list[Input]) -> list[Output]:
        return self.infer([self.prepare(item) for item in inputs])

    def _find_history(self, name: str | None, observed: list[Observed]) -> History:
        if observed:
            return self.archive.extend(name, self._read(observed))
        if name not in self.archive.series:
            known = quote(*list(self.archive.series)[:SHOWN])
            what = "is blank" if name is None else f"{quote(name)} is not known"
            raise ValueError(f"series {what}, so history is needed; known are {known}")
        return self.archive.series[name]

    def _read(self, observed: list[Observed]) -> History:
        grid = self.archive.grid
        values: dict[int, float] = {}
        for place, one in enumerate(observed):
            time = read_time(one.time)
            number = None if time is None else grid.number(time)
            where = f"history {place}, {shorten(one.time)},"
            if number is None:
                example = grid.show(0 if time is None else grid.nearest(time))
                raise ValueError(
                    f"{where} is not when a {grid.frequency.name} begins; one does at {example}"
                )
            if number in values:
                raise ValueError(f"{where} is there twice")
            values[number] = one.value
        start, end = min(values), max(values) + 1
        if gap := next((number for number in range(start, end) if number not in values), None):
            raise ValueError(f"history has no value for {grid.show(gap)}; fill the gap")
        return History(None, start, np.array([values[number] for number in range(start, end)]))

    def _explain_short(self, name: str | None, history: History) -> str:
        has = count(len(history.values), "value", "values")
        known = self.archive.series.get(name or "")
        if known is None:
            return f"history has {has}; {self.model.least} are needed of a series that is not known"
        end = self.archive.grid.show(known.start + len(known.values))
        return (
            f"history has {has} and does not go on from what is known, which is asked for {end};"
            f" send all from there on, or {self.model.least} values"
        )

    def _answer(self, query: Query) -> Output:
        rows = self.model.forecast(query.history, query.horizon)
        end = query.history.start + len(query.history.values)
        return Output(
            series=query.name,
            is_known=query.name in self.archive.series,
            forecast=[
                Forecast(
                    time=self.archive.grid.show(end + step),
                    value=row[MEDIAN],
                    **{f"low_{name}": row[low] for name, (low, _) in LEVELS.items()},
                    **{f"high_{name}": row[high] for name, (_, high) in LEVELS.items()},
                )
                for step, row in enumerate(rows.tolist())
            ],
        )
