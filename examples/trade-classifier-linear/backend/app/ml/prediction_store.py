"""Predictions that are kept: what is known before a model is asked, and what is added."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID, uuid4

import asyncpg

from app.core.auth import User
from app.core.database import Database
from app.core.idempotency import used_otherwise
from app.core.problems import Problem, not_found

# What they do stands in supabase/migrations: one round trip each, as the user waits for it.
FIND = "select * from ml_find_predictions($1, $2, $3, $4)"
KEEP = "select ml_keep_predictions($1, $2, $3, $4, $5)"


@dataclass(frozen=True)
class Target:
    """The model that was named, and its production version if it has one."""

    model_id: UUID
    version_id: UUID | None
    number: int | None
    endpoint_url: str | None
    version: str | None


@dataclass(frozen=True)
class Item:
    """An input, and what it is known by."""

    value: dict[str, Any]
    sha256: str
    index: int
    key: str | None


@dataclass(frozen=True)
class Answer:
    """An output, and where it came from."""

    output: dict[str, Any]
    number: int | None
    source: Literal["model", "fallback"] = "model"
    fallback_model: str | None = None
    cost_usd: float = 0
    id: UUID = field(default_factory=uuid4)


class Known:
    """What one look at the database found."""

    def __init__(self, rows: Sequence[asyncpg.Record]) -> None:
        self.target = Target(*rows[0][:5])
        found = [row for row in rows if row["id"]]
        self._by_input = {row["input_sha256"]: row for row in found if not row["idempotency_key"]}
        self._by_key = {row["idempotency_key"]: row for row in found if row["idempotency_key"]}

    def answer(self, item: Item) -> Answer | None:
        """The first answer of the item's key, else one to the same input by the same version.

        Raises:
            Problem: The key was used for something else.
        """
        row = self._by_key.get(item.key) or self._by_input.get(item.sha256)
        if row is None:
            return None
        if (row["of_model"], row["input_sha256"]) != (self.target.model_id, item.sha256):
            raise used_otherwise()
        return Answer(
            row["output"],
            row["of_number"],
            row["source"],
            row["fallback_model"],
            row["cost_usd"],
            row["id"],
        )


async def look_up(database: Database, user: User, model: str, items: Sequence[Item]) -> Known:
    """The model, and what was answered to `items` already.

    Raises:
        Problem: The user has no such model.
    """
    hashes = [item.sha256 for item in items]
    keys = [item.key for item in items if item.key]
    rows = await database.call_as_user(user, FIND, model, hashes, keys)
    if not rows:
        raise not_found(f"model '{model}'")
    return Known(rows)


async def add(
    database: Database, user: User, target: Target, answered: Sequence[tuple[Item, Answer]]
) -> None:
    """Keep new answers, all of one source.

    Raises:
        Problem: The model was deleted meanwhile, or the key used.
    """
    is_model = answered[0][1].source == "model"
    version_id = target.version_id if is_model else None
    rows = [_row(item, answer) for item, answer in answered]
    # What a model says again for nothing need not wait for the disk; what was paid for does.
    is_durable = not is_model
    try:
        await database.call_as_user(user, KEEP, target.model_id, version_id, rows, is_durable)
    except asyncpg.IntegrityConstraintViolationError as error:
        detail = "The model was deleted or the key used meanwhile; repeat the request."
        raise Problem(409, detail) from error


def _row(item: Item, answer: Answer) -> dict[str, Any]:
    return {
        "id": str(answer.id),
        "input": item.value,
        "input_sha256": item.sha256,
        "output": answer.output,
        "source": answer.source,
        "fallback_model": answer.fallback_model,
        "cost_usd": answer.cost_usd,
        "idempotency_key": item.key,
    }
