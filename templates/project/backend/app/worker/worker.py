"""A worker: claims jobs, attends to several at once, and keeps the house in order."""

import asyncio
import contextlib
import os
import socket
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import uuid4

import structlog

from app.worker.attend import KINDS, attend
from app.worker.context import Context
from app.worker.lanes import Lane
from app.worker.leases import Lease, claim
from app.worker.outage import OUTAGE, pauses
from app.worker.recipes import Recipes
from app.worker.serving import keep_served
from app.worker.sweep import sweep

log = structlog.get_logger(__name__)

CHANNEL = "ml_jobs"
POLL = 2.0  # seconds, where no notification comes
MINUTE = 60  # seconds
SHUTDOWN = 5  # seconds


class Worker:
    def __init__(self, context: Context) -> None:
        self._context = context
        self._name = f"{socket.gethostname()}-{os.getpid()}-{uuid4().hex[:6]}"
        self._lease = timedelta(seconds=context.settings.lease_seconds)
        self._lanes = [Lane(kind, context.settings.worker_jobs) for kind in KINDS]
        self._recipes = Recipes(context)
        self._untidy = asyncio.Event()

    async def run(self, stopping: asyncio.Event) -> None:
        """Until `stopping` is set; then every job goes back into the queue."""
        await _guarded(self._recipes.refresh)
        chores = [
            asyncio.create_task(work)
            for work in (self._listen(), self._refresh_recipes(), self._keep_house())
        ]
        lanes = [asyncio.create_task(self._fill(lane, stopping)) for lane in self._lanes]
        log.info("The worker waits for jobs.", worker=self._name)
        await stopping.wait()
        self._wake()
        await asyncio.wait(lanes, timeout=SHUTDOWN)  # a claim that is under way comes to its end
        tasks = [*chores, *lanes, *(task for lane in self._lanes for task in lane.tasks)]
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=SHUTDOWN)

    async def _fill(self, lane: Lane, stopping: asyncio.Event) -> None:
        poll = min(POLL, self._lease.total_seconds() / 3)
        while not stopping.is_set():
            lease = None if lane.is_full else await self._claim(lane)
            if lease:
                lane.start(lease, self._attend(lease))
            else:
                await lane.wait(poll)

    async def _claim(self, lane: Lane) -> Lease | None:
        database, held = self._context.database, lane.leases
        try:
            return await claim(database, self._name, [lane.kind], self._lease, held)
        except OUTAGE as error:
            log.warning("The database does not answer; trying again.", error=repr(error))
        except Exception:
            log.exception("No job can be claimed; trying again.")
        return None

    async def _attend(self, lease: Lease) -> None:
        structlog.contextvars.bind_contextvars(job=str(lease.job.id), kind=lease.job.kind)
        log.info("Claimed.", attempt=lease.job.attempts)
        try:
            await attend(self._context, lease)
        except Exception:  # its lease runs out, and the job is claimed again
            log.exception("A job was dropped.")
        if lease.job.kind == "deploy":
            self._untidy.set()  # the server before can end

    def _wake(self, *_: object) -> None:
        for lane in self._lanes:
            lane.wake()

    async def _listen(self) -> None:
        for pause in pauses():
            await _guarded(self._listen_once)
            await asyncio.sleep(pause)

    async def _listen_once(self) -> None:
        """Until the connection breaks."""
        broken = asyncio.Event()
        async with self._context.database.pool.acquire() as connection:
            connection.add_termination_listener(lambda _: broken.set())
            await connection.add_listener(CHANNEL, self._wake)
            try:
                await broken.wait()
            finally:
                await connection.remove_listener(CHANNEL, self._wake)

    async def _refresh_recipes(self) -> None:
        while True:
            await asyncio.sleep(MINUTE)
            await _guarded(self._recipes.refresh)

    async def _keep_house(self) -> None:
        """Every minute, and after each deployment."""
        while True:
            self._untidy.clear()
            await _guarded(lambda: keep_served(self._context))
            await _guarded(lambda: sweep(self._context))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._untidy.wait(), MINUTE)


async def _guarded(chore: Callable[[], Awaitable[None]]) -> None:
    """A chore that fails is done the next time."""
    try:
        await chore()
    except Exception:
        log.exception("A chore failed.")
