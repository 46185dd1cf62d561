"""New jobs; the worker is woken by a trigger of the table."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from fastapi import Response
from pydantic import BaseModel, Field

from app.core.auth import User
from app.core.database import Connection
from app.core.idempotency import Idempotency
from app.core.problems import Problem
from app.ml.job_views import Kind, Status

INSERT = """
insert into ml_jobs
  (id, kind, recipe, provider, model_id, dataset_version_id, model_version_id, settings,
   cost_limit_usd, idempotency_key, request_sha256)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
on conflict (owner_id, idempotency_key) do nothing
returning *
"""
FIRST = "select * from ml_jobs where owner_id = $1 and idempotency_key = $2"
PROVIDER = "select provider from ml_recipes where name = $1"


class JobAccepted(BaseModel):
    """A job that was created, or that exists already under the same key."""

    id: UUID
    kind: Kind = Field(examples=["deploy"])
    status: Status = Field(examples=["queued"])
    created_at: datetime


@dataclass(frozen=True)
class NewJob:
    kind: Kind
    recipe: str
    model_id: UUID | None = None
    dataset_version_id: UUID | None = None
    model_version_id: UUID | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    cost_limit_usd: Decimal | None = None
    id: UUID = field(default_factory=uuid4)


async def create_job(
    connection: Connection,
    user: User,
    job: NewJob,
    idempotency: Idempotency = Idempotency(None, None),  # noqa: B008 - a constant
) -> asyncpg.Record:
    """The row of the new job, or of the first one of this key: compare its id with `job.id`.

    Args:
        connection: Of `database.as_user(user)`.

    Raises:
        Problem: The recipe is not known, or the key was used for another request.
    """
    provider = await connection.fetchval(PROVIDER, job.recipe)
    if provider is None:
        raise Problem(409, f"No worker knows the recipe '{job.recipe}'; GET /ml/recipes lists all.")
    row = await connection.fetchrow(
        INSERT,
        job.id,
        job.kind,
        job.recipe,
        provider,
        job.model_id,
        job.dataset_version_id,
        job.model_version_id,
        job.settings,
        job.cost_limit_usd,
        *idempotency,
    )
    if row is None:
        row = await connection.fetchrow(FIRST, user.id, idempotency.key)
        assert row
        idempotency.check(row["request_sha256"])
    return row


def accepted(response: Response, job: asyncpg.Record) -> JobAccepted:
    """The answer to whoever asked for `job`, and where it is."""
    response.headers["Location"] = f"/ml/jobs/{job['id']}"
    return JobAccepted.model_validate(dict(job))
