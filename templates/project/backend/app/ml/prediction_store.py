"""Predictions that are kept: what is known before a model is asked, and what is added."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID, uuid4

import asyncpg

from app.core.database import Connection
from app.core.idempotency import used_otherwise
from app.core.problems import Problem, not_found

# One statement: the user waits for each round trip to the database.
LOOK_UP = """
select m.id as model_id, v.id as version_id, v.number, v.endpoint_url,
  v.manifest ->> 'version' as version, p.*
from ml_models m
left join ml_model_versions v on v.model_id = m.id and v.stage = 'production'
left join lateral (
  (
    select distinct on (input_sha256) id, model_id as of_model, v.number as of_number,
      input_sha256, output, source, fallback_model, cost_usd, null as idempotency_key
    from ml_predictions
    where model_version_id = v.id and input_sha256 = any($2)
    order by input_sha256, created_at
  )
  union all
  select k.id, k.model_id, kv.number,
    k.input_sha256, k.output, k.source, k.fallback_model, k.cost_usd, k.idempotency_key
  from ml_predictions k
  left join ml_model_versions kv on kv.id = k.model_version_id
  where k.idempotency_key = any($3)
) p on true
where m.name = $1
"""
ADD = """
insert into ml_predictions
  (model_id, model_version_id, id, input, input_sha256, output, source, fallback_model, cost_usd,
   idempotency_key)
select $1, $2, new.*
from
  (select set_config('synchronous_commit', $3, true)) as this_transaction,
  unnest($4::uuid[], $5::jsonb[], $6::text[], $7::jsonb[], $8::text[], $9::text[], $10::numeric[],
    $11::text[])
    as new (id, input, input_sha256, output, source, fallback_model, cost_usd, idempotency_key)
"""


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


async def look_up(connection: Connection, model: str, items: Sequence[Item]) -> Known:
    """The model, and what was answered to `items` already.

    Raises:
        Problem: The user has no such model.
    """
    hashes = [item.sha256 for item in items]
    keys = [item.key for item in items if item.key]
    rows = await connection.fetch(LOOK_UP, model, hashes, keys)
    if not rows:
        raise not_found(f"model '{model}'")
    return Known(rows)


async def add(
    connection: Connection, target: Target, answered: Sequence[tuple[Item, Answer]]
) -> None:
    """Keep new answers, all of one source.

    Raises:
        Problem: The model was deleted meanwhile, or the key used.
    """
    is_model = answered[0][1].source == "model"
    rows = [
        (
            answer.id,
            item.value,
            item.sha256,
            answer.output,
            answer.source,
            answer.fallback_model,
            answer.cost_usd,
            item.key,
        )
        for item, answer in answered
    ]
    version_id = target.version_id if is_model else None
    # What a model says again for nothing need not wait for the disk; what was paid for does.
    commit = "off" if is_model else "on"
    try:
        await connection.execute(ADD, target.model_id, version_id, commit, *zip(*rows, strict=True))
    except asyncpg.IntegrityConstraintViolationError as error:
        detail = "The model was deleted or the key used meanwhile; repeat the request."
        raise Problem(409, detail) from error
