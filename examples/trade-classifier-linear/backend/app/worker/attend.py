"""One job, from its claim to a true end, whatever happens to this worker or to the provider."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

from app.worker import batch, check, deploy, estimate, train
from app.worker.closing import close, end_if_over, put_back, try_again
from app.worker.context import Context
from app.worker.holding import hold
from app.worker.leases import Lease, LeaseLost
from app.worker.outage import outlast
from app.worker.outcome import Cancelled, Failed, Outcome, Retry, Stopped
from app.worker.provider import ProviderError

log = structlog.get_logger(__name__)

Work = Callable[[Context, Lease], Coroutine[Any, Any, None]]
KINDS: dict[str, Work] = {
    "check": check.run,
    "estimate": estimate.run,
    "train": train.run,
    "deploy": deploy.run,
    "batch": batch.run,
}
STATUSES = {Cancelled: "cancelled", Stopped: "stopped", Failed: "failed"}


async def attend(context: Context, lease: Lease) -> None:
    """Work on a job; cancelling this puts it back into the queue."""
    try:
        outcome = await _work(context, lease)
        if isinstance(outcome, Retry) and lease.job.attempts < lease.job.max_attempts:
            await try_again(lease, outcome)
        elif outcome:
            status = STATUSES.get(type(outcome), "failed")
            await hold(lease, close(context, lease, status, str(outcome)))
        elif lease.job.kind != "deploy":  # a server reads its artifact as long as it runs
            context.clear(lease.job)
    except LeaseLost:
        log.warning("The job is over, or another worker has it.", job=str(lease.job.id))
        await end_if_over(context, lease)
    except asyncio.CancelledError:
        await put_back(lease)
        raise


async def _work(context: Context, lease: Lease) -> Outcome | None:
    """Do what the job's kind does; returns how it ended, if not well."""
    job = lease.job
    if job.attempts > job.max_attempts:
        return Failed(f"{job.max_attempts} workers were lost while they worked on it.")
    try:
        await outlast(lease.heed)  # before anything is started for nothing
        await hold(lease, KINDS[job.kind](context, lease), heed_cancelling=True)
    except Outcome as outcome:
        return outcome
    except ProviderError as error:
        return Failed(str(error)) if error.is_final else Retry(str(error))
    except LeaseLost:
        raise
    except Exception:
        log.exception("Work on a job failed.", job=str(job.id), kind=job.kind)
        return Retry("The worker failed at this job; its log says more.")
    return None
