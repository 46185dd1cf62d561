"""What a user may do to a job that is there: end it, or go on with it."""

from uuid import UUID

import asyncpg

from app.core.auth import User
from app.core.database import Connection, Database
from app.core.problems import Problem, not_found
from app.worker.events import Event, append

LOCK = "select * from ml_jobs where id = $1 and owner_id = $2 for update"
# One that a worker has left may still run at its provider: a worker has to take it up to end it.
ASK = """
update ml_jobs set cancel_requested_at = coalesce(cancel_requested_at, now()), run_after = now()
where id = $1
"""
CANCEL = """
update ml_jobs set status = 'cancelled', cancel_requested_at = now(), finished_at = now()
where id = $1
"""
RESUME = """
update ml_jobs
set status = 'queued', attempts = 0, cancel_requested_at = null, error = null, finished_at = null,
  run_after = now()
where id = $1
"""


async def cancel(database: Database, user: User, job_id: UUID) -> None:
    """
    Raises:
        Problem: The user has no such job, or it is over.
    """
    async with database.as_service() as connection:
        job = await _lock(connection, user, job_id)
        if job["status"] == "cancelled":
            return
        if job["status"] not in ("queued", "running"):
            raise Problem(409, f"The job is over: it has {_ended(job)}.")
        if job["status"] == "queued" and job["handle"] is None:
            await append(connection, job_id, [Event("cancelled", {"reason": "It was cancelled."})])
            await connection.execute(CANCEL, job_id)
        else:
            await connection.execute(ASK, job_id)


async def resume(database: Database, user: User, job_id: UUID) -> None:
    """
    Raises:
        Problem: The user has no such job, or it neither failed nor was ended early.
    """
    async with database.as_service() as connection:
        job = await _lock(connection, user, job_id)
        if job["status"] not in ("failed", "stopped", "cancelled"):
            state = _ended(job) if job["status"] == "succeeded" else f"not ended ({job['status']})"
            detail = f"The job has {state}; only failed, stopped and cancelled jobs go on."
            raise Problem(409, detail)
        await append(connection, job_id, [Event("queued", {"reason": "It was resumed."})])
        await connection.execute(RESUME, job_id)


async def _lock(connection: Connection, user: User, job_id: UUID) -> asyncpg.Record:
    row = await connection.fetchrow(LOCK, job_id, user.id)
    if row is None:
        raise not_found(f"job {job_id}")
    return row


def _ended(job: asyncpg.Record) -> str:
    return {"succeeded": "succeeded", "failed": "failed", "stopped": "been stopped"}[job["status"]]
