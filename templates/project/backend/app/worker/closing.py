"""How a job leaves a worker: for good, for another attempt, or for another worker."""

import asyncio
import contextlib
from typing import Any

import structlog

from app.worker.context import Context
from app.worker.ending import end
from app.worker.events import Event, append
from app.worker.following import Following
from app.worker.leases import Lease, LeaseLost, finish, give_back, retry
from app.worker.outage import outlast
from app.worker.outcome import Failed, Retry
from app.worker.provider import Provider, ProviderError

log = structlog.get_logger(__name__)

HASTE = 3  # seconds that a worker takes for its jobs when it is shut down
NOTHING_RUNS = ("failed", "stopped", "cancelled")
HANDLE = "select handle from ml_jobs where id = $1"
STATE = "select handle, status from ml_jobs where id = $1"


async def close(context: Context, lease: Lease, status: str, reason: str) -> None:
    """End what still runs at the provider, then say how the job ended."""
    job = lease.job
    refusal = await _end_run(context, lease)
    data = {"reason": reason} | ({"provider": refusal} if refusal else {})

    async def write() -> None:
        async with lease.held() as connection:
            await append(connection, job.id, [Event(status, data)])
            await finish(connection, job.id, status, None if status == "cancelled" else reason)

    await outlast(write)
    context.clear(job)


async def try_again(lease: Lease, outcome: Retry) -> None:
    """Later: the first time after a fifth of a lease, then twice as long each time."""
    job, reason = lease.job, str(outcome)
    after = lease.length / 5 * 2 ** (job.attempts - 1)
    retried = Event("retried", {"reason": reason, "after_seconds": round(after.total_seconds(), 1)})
    events = [Event(outcome.event, {"reason": reason}), retried] if outcome.event else [retried]

    async def write() -> None:
        async with lease.held() as connection:
            await append(connection, job.id, events)
            await retry(connection, job.id, reason, after)

    await outlast(write)


async def put_back(lease: Lease) -> None:
    """At a shutdown: its run goes on, and the next worker follows it."""
    queued = Event("queued", {"reason": "The worker was shut down."})

    async def write() -> None:
        async with lease.held() as connection:
            await append(connection, lease.job.id, [queued])
            await give_back(connection, lease.job.id)

    with contextlib.suppress(LeaseLost, TimeoutError):
        async with asyncio.timeout(HASTE):
            await outlast(write)


async def end_if_over(context: Context, lease: Lease) -> None:
    """A lost job is the next worker's, unless there is none: it was cancelled, or deleted."""
    state = await outlast(lambda: _state(lease))
    if state is None or (state["handle"] and state["status"] in NOTHING_RUNS):
        with contextlib.suppress(Failed):
            await end(context.provider(lease.job.recipe), lease.job.run)
        context.clear(lease.job)


async def _end_run(context: Context, lease: Lease) -> str | None:
    """Returns what the provider says if it refuses."""
    if await outlast(lambda: _handle(lease)) is None:
        return None
    try:
        provider = context.provider(lease.job.recipe)
    except Failed as error:
        return str(error)
    refusal = await end(provider, lease.job.run)
    await _take_rest(context, lease, provider)
    return refusal


async def _take_rest(context: Context, lease: Lease, provider: Provider) -> None:
    """What the run did before it ended."""
    with contextlib.suppress(ProviderError):
        await Following(context, lease, provider).to_the_end()


async def _handle(lease: Lease) -> str | None:
    async with lease.held() as connection:
        handle: str | None = await connection.fetchval(HANDLE, lease.job.id)
    return handle


async def _state(lease: Lease) -> Any:
    async with lease.database.as_service() as connection:
        return await connection.fetchrow(STATE, lease.job.id)
