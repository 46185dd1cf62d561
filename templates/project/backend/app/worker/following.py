"""A run at its provider: its events, cost, progress and log come to where its owner sees them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import structlog

from app.core.problems import Problem
from app.core.storage import job_path
from app.worker.context import Context
from app.worker.ending import end
from app.worker.events import Event, append, last_line
from app.worker.hiding import hide_folder
from app.worker.leases import Lease
from app.worker.outage import outlast
from app.worker.provider import Json, Provider, ProviderError

log = structlog.get_logger(__name__)

LOG_EVERY = 5  # seconds
PROGRESS = "update ml_jobs set progress = $2, cost_usd = $3 where id = $1"


class Following:
    """One attempt to follow a run until it ends."""

    def __init__(self, context: Context, lease: Lease, provider: Provider) -> None:
        self._context = context
        self._lease = lease
        self._job = lease.job
        self._provider = provider
        self._cost = lease.job.cost_usd
        self._progress = dict(lease.job.progress)

    @property
    def is_too_dear(self) -> bool:
        limit = self._job.cost_limit_usd
        return limit is not None and self._cost >= limit

    async def to_the_end(self) -> Json:
        """Write down what the run does; returns its last status at the provider.

        A run that becomes too dear is cancelled.
        """
        saving = asyncio.create_task(self._save_log_often())
        watching = self._provider.watch(self._job.run, await outlast(self._line))
        status: Json = {}
        try:
            async with contextlib.aclosing(watching) as items:
                async for item in items:
                    if "status" in item:
                        status = self._hide(item["status"])
                    else:
                        await self._take(item)
        finally:
            saving.cancel()
        await self._save_log()
        return status

    async def _line(self) -> int:
        async with self._lease.held() as connection:
            return await last_line(connection, self._job.id)

    async def _take(self, item: Json) -> None:
        data = self._hide(item["event"])
        event = Event(data.pop("event"), data, item["line"])
        was_too_dear = self.is_too_dear
        self._cost = max(self._cost, Decimal(str(data.get("cost_usd") or 0)))
        self._progress |= _progress(event)

        async def write() -> None:
            async with self._lease.held() as connection:
                if await append(connection, self._job.id, [event]):
                    await connection.execute(PROGRESS, self._job.id, self._progress, self._cost)

        await outlast(write)
        if self.is_too_dear and not was_too_dear:
            await end(self._provider, self._job.run)

    def _hide(self, value: Any) -> Any:
        return hide_folder(value, self._context.folder(self._job))

    async def _save_log_often(self) -> None:
        while True:
            await asyncio.sleep(LOG_EVERY)
            await self._save_log()

    async def _save_log(self) -> None:
        path = job_path(self._job.owner_id, self._job.id, "log.txt")
        try:
            text = self._hide(await self._provider.logs(self._job.run))
            await self._context.storage.put(path, _once(text.encode()))
        except (ProviderError, Problem, OSError) as error:
            log.warning("A log could not be kept.", job=str(self._job.id), reason=str(error))


def _progress(event: Event) -> Json:
    """What a page shows of a run at one glance."""
    if event.kind == "step":
        return {key: value for key, value in event.data.items() if key not in ("time", "cost_usd")}
    return {"metrics": event.data["metrics"]} if "metrics" in event.data else {}


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
