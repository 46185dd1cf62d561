"""A lease is extended while work goes on, and the work ends when it is lost."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from app.worker.leases import Lease
from app.worker.outage import outlast

HEED_WITHIN = 3  # seconds until a cancellation is seen


async def hold(
    lease: Lease, work: Coroutine[Any, Any, None], heed_cancelling: bool = False
) -> None:
    """Do `work` under the lease.

    Raises:
        LeaseLost: It is not ours any more.
        Cancelled: The job's owner has asked for it.
    """
    tasks = [asyncio.create_task(work), asyncio.create_task(_extend(lease, heed_cancelling))]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in tasks:  # first what the work said
        if task in done:
            task.result()
            return


async def _extend(lease: Lease, heed_cancelling: bool) -> None:
    pause = min(lease.length.total_seconds() / 3, HEED_WITHIN)
    while True:
        await outlast(lease.heed if heed_cancelling else lease.extend)
        await asyncio.sleep(pause)
