"""How a prediction comes about: from what is known, from the model, or from the fallback."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends
from starlette.requests import HTTPConnection

from app.core.auth import User
from app.core.database import Database
from app.core.idempotency import fingerprint
from app.core.metrics import Metrics
from app.core.problems import Fault, Problem, summary
from app.ml.fallback import Fallback
from app.ml.inference import ModelServers, Unavailable
from app.ml.prediction_store import Answer, Item, Known, Target, add, look_up

STARTING = 5  # seconds until a server may be there again
NEWEST_MANIFEST = """
select manifest from ml_model_versions where model_id = $1
order by (stage = 'production') desc, number desc limit 1
"""


@dataclass(frozen=True)
class Question:
    model: str
    inputs: Sequence[dict[str, Any]]
    is_list: bool
    may_fall_back: bool
    key: str | None

    @property
    def items(self) -> list[Item]:
        return [
            Item(value, fingerprint(value), index, f"{self.key}/{index}" if self.key else None)
            for index, value in enumerate(self.inputs)
        ]


@dataclass(frozen=True)
class Found:
    answer: Answer
    is_cached: bool


class Predictor:
    def __init__(
        self, database: Database, servers: ModelServers, fallback: Fallback, metrics: Metrics
    ) -> None:
        self._database = database
        self._servers = servers
        self._fallback = fallback
        self._counts = metrics.predictions
        self._keys_in_use: set[tuple[UUID, str | None]] = set()

    async def predict(self, user: User, question: Question) -> list[Found]:
        """An answer to each input, in their order; equal inputs share one.

        Raises:
            Problem: There is no such model, it does not take an input, or nobody can answer now.
        """
        items = question.items
        with self._alone(user, question.key):
            known = await look_up(self._database, user, question.model, items)
            cached = _cached(known, items)
            asked = _missing(cached, items)
            new = await self._ask(user, known.target, question, asked) if asked else {}
        self._counts.labels("cache").inc(sum(item.sha256 in cached for item in items))
        return [
            Found(cached.get(item.sha256) or new[item.sha256], item.sha256 in cached)
            for item in items
        ]

    @contextmanager
    def _alone(self, user: User, key: str | None) -> Iterator[None]:
        """Two requests at once under one key would pay twice."""
        used = (user.id, key)
        if key is None:
            yield
        elif used in self._keys_in_use:
            raise Problem(409, "The first request with this Idempotency-Key is not answered yet.")
        else:
            self._keys_in_use.add(used)
            try:
                yield
            finally:
                self._keys_in_use.remove(used)

    async def _ask(
        self, user: User, target: Target, question: Question, asked: list[Item]
    ) -> dict[str, Answer]:
        try:
            answers: list[Answer | Problem] = [*await self._ask_model(target, question, asked)]
        except Unavailable as reason:
            if not question.may_fall_back:
                raise
            answers = await self._ask_fallback(user, target, asked, reason)
        answered = [
            (item, answer)
            for item, answer in zip(asked, answers, strict=True)
            if isinstance(answer, Answer)
        ]
        if answered:
            await add(self._database, user, target, answered)
            self._counts.labels(answered[0][1].source).inc(len(answered))
        for answer in answers:
            if isinstance(answer, Problem):  # what was paid for is kept before it is told
                raise answer
        return {item.sha256: answer for item, answer in answered}

    async def _ask_model(
        self, target: Target, question: Question, asked: list[Item]
    ) -> list[Answer]:
        if target.version is None:
            raise Unavailable(409, f"The model '{question.model}' has no version in production.")
        if target.endpoint_url is None:
            detail = f"The model '{question.model}' is being started; try again in a moment."
            raise Unavailable(503, detail, STARTING)
        values = [item.value for item in asked]
        try:
            outputs = await self._servers.predict(target.endpoint_url, values, target.version)
        except Unavailable:
            raise
        except Problem as problem:
            raise _placed(problem, asked, question.is_list) from None
        return [Answer(output, target.number) for output in outputs]

    async def _ask_fallback(
        self, user: User, target: Target, asked: list[Item], reason: Unavailable
    ) -> list[Answer | Problem]:
        self._fallback.check(len(asked), reason)
        async with self._database.as_user(user) as connection:
            manifest = await connection.fetchval(NEWEST_MANIFEST, target.model_id)
        if manifest is None:
            raise Problem(409, "The model has no version yet: train one, for the fallback too.")
        return await asyncio.gather(
            *(self._fallback.answer(manifest, item.value) for item in asked)
        )


def _cached(known: Known, items: Sequence[Item]) -> dict[str, Answer]:
    return {item.sha256: answer for item in items if (answer := known.answer(item))}


def _missing(cached: Mapping[str, Answer], items: Sequence[Item]) -> list[Item]:
    """Each input once, where it comes first."""
    first: dict[str, Item] = {}
    for item in items:
        if item.sha256 not in cached:
            first.setdefault(item.sha256, item)
    return list(first.values())


def _placed(problem: Problem, asked: Sequence[Item], is_list: bool) -> Problem:
    """The server counts what it was asked; the user counts what he sent."""
    faults = [_place(fault, asked, is_list) for fault in problem.faults]
    return Problem(422, summary(faults) if faults else str(problem.detail), faults)


def _place(fault: Fault, asked: Sequence[Item], is_list: bool) -> Fault:
    field = f"input.{fault.field}" if fault.field else "input"
    index = asked[fault.index or 0].index if is_list else None
    return fault.model_copy(update={"index": index, "field": field})


async def _of_app(connection: HTTPConnection) -> Predictor:
    predictor: Predictor = connection.app.state.predictor
    return predictor


AppPredictor = Annotated[Predictor, Depends(_of_app)]
"""What `app.state.predictor` holds while the application runs."""
