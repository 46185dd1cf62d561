"""Who works on which job: a worker holds it for a while, and each of its writes asks for that."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields
from datetime import timedelta
from decimal import Decimal
from typing import Any, Self
from uuid import UUID, uuid4

import asyncpg

from app.core.database import Connection, Database
from app.worker.events import Event, append
from app.worker.outcome import Cancelled

CLAIM = """
update ml_jobs
set status = 'running', worker = $1, lease_until = now() + $2, attempts = attempts + 1,
    started_at = coalesce(started_at, now()), finished_at = null, error = null
where id = (
  select id from ml_jobs
  where status in ('queued', 'running') and kind = any($3)
    and case status
      when 'queued' then run_after <= now()
      else lease_until < now() and worker <> all($4)
    end
  order by run_after
  limit 1
  for update skip locked
)
returning *
"""
HELD = "select from ml_jobs where id = $1 and worker = $2 and status = 'running' for update"
EXTEND = """
update ml_jobs set lease_until = now() + $3
where id = $1 and worker = $2 and status = 'running'
returning cancel_requested_at is not null
"""
FINISH = """
update ml_jobs
set status = $2, error = $3, result = $4, worker = null, lease_until = null, finished_at = now()
where id = $1
"""
RETRY = """
update ml_jobs
set status = 'queued', error = $2, run_after = now() + $3, worker = null, lease_until = null
where id = $1
"""
GIVE_BACK = """
update ml_jobs
set status = 'queued', attempts = attempts - 1, run_after = now(), worker = null,
    lease_until = null
where id = $1
"""


class LeaseLost(Exception):
    """Another worker has the job, or nobody works on it any more."""


@dataclass(frozen=True)
class Job:
    """The row of a job when it was claimed."""

    id: UUID
    owner_id: UUID
    kind: str
    recipe: str
    model_id: UUID | None
    dataset_version_id: UUID | None
    model_version_id: UUID | None
    settings: dict[str, Any]
    cost_limit_usd: Decimal | None
    attempts: int
    max_attempts: int
    cost_usd: Decimal
    progress: dict[str, Any]

    @property
    def run(self) -> str:
        """Its name at a provider; `handle` once anything may run under it."""
        return f"ml-{self.id}"

    @classmethod
    def of(cls, row: asyncpg.Record) -> Self:
        return cls(**{field.name: row[field.name] for field in fields(cls)})


@dataclass(frozen=True)
class Lease:
    """A job, and the name that nobody else has claimed it with, this worker included."""

    database: Database
    job: Job
    worker: str
    length: timedelta

    @asynccontextmanager
    async def held(self) -> AsyncIterator[Connection]:
        """A transaction in which the job is locked and ours.

        Raises:
            LeaseLost: It is not ours.
        """
        async with self.database.as_service() as connection:
            if await connection.fetchrow(HELD, self.job.id, self.worker) is None:
                raise LeaseLost
            yield connection

    async def extend(self) -> bool:
        """Hold it longer; returns whether its owner wants it cancelled.

        Raises:
            LeaseLost: It is not ours.
        """
        async with self.database.as_service() as connection:
            row = await connection.fetchrow(EXTEND, self.job.id, self.worker, self.length)
        if row is None:
            raise LeaseLost
        return bool(row[0])

    async def heed(self) -> None:
        """Extend it.

        Raises:
            Cancelled: Its owner wants it cancelled.
        """
        if await self.extend():
            raise Cancelled("It was cancelled.")


async def name_run(connection: Connection, job: Job) -> None:
    """Note the run's name, before anything is started that could be forgotten."""
    await connection.execute("update ml_jobs set handle = $2 where id = $1", job.id, job.run)


async def claim(
    database: Database,
    worker: str,
    kinds: Sequence[str],
    length: timedelta,
    mine: Sequence[str] = (),
) -> Lease | None:
    """The job that has waited longest, or that another worker has left.

    Args:
        mine: Names of leases that are held here: an outage of the database may outlast them.
    """
    name = f"{worker}/{uuid4().hex[:12]}"
    async with database.as_service() as connection:
        row = await connection.fetchrow(CLAIM, name, length, kinds, mine)
        if row is None:
            return None
        job = Job.of(row)
        await append(connection, job.id, [Event("claimed", {"attempt": job.attempts})])
    return Lease(database, job, name, length)


async def finish(
    connection: Connection,
    job: UUID,
    status: str,
    error: str | None = None,
    result: Mapping[str, Any] | None = None,
) -> None:
    """Its last state; `connection` is that of `Lease.held`, here and below."""
    await connection.execute(FINISH, job, status, error, result or {})


async def retry(connection: Connection, job: UUID, error: str, after: timedelta) -> None:
    """Queue it again for later, as one more attempt."""
    await connection.execute(RETRY, job, error, after)


async def give_back(connection: Connection, job: UUID) -> None:
    """Queue it again as if it had not been claimed."""
    await connection.execute(GIVE_BACK, job)
