"""New events of jobs, read once for all who watch: Postgres tells when there are some."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Annotated
from uuid import UUID

import structlog
from fastapi import Depends
from starlette.requests import HTTPConnection

from app.core.database import Database
from app.ml.event_rows import Frame, read_news

log = structlog.get_logger(__name__)

CHANNEL = "ml_job_events"
POLL = 2.0  # seconds between looks while Postgres cannot tell
ALIVE = 30.0  # seconds between questions whether the connection is still there
PATIENCE = 10.0  # seconds for an answer
AGAIN = 1.0  # seconds until events are read again that could not be read
WAITING = 1000  # frames that a watcher may be behind


class TooSlow(Exception):
    """The watcher does not take its frames as fast as they come."""


class Watcher:
    """Frames that one client has not taken yet."""

    def __init__(self) -> None:
        self._frames: list[Frame] = []
        self._is_over = False
        self._is_slow = False
        self._changed = asyncio.Event()

    def offer(self, frames: Sequence[Frame]) -> None:
        if len(self._frames) + len(frames) > WAITING:
            self._is_slow = True
        else:
            self._frames += frames
        self._changed.set()

    def end(self) -> None:
        self._is_over = True
        self._changed.set()

    async def take(self, seconds: float) -> Sequence[Frame] | None:
        """What came since the last time, waiting for some; none at the end.

        Raises:
            TimeoutError: Nothing came.
            TooSlow: Too much came.
        """
        async with asyncio.timeout(seconds):
            await self._changed.wait()
        if self._is_slow:
            raise TooSlow
        taken, self._frames = self._frames, []
        if not self._is_over:
            self._changed.clear()
        return taken or None


class Feed:
    """Reads the events of one job for all of its watchers."""

    def __init__(self, database: Database, job: UUID, last: int) -> None:
        self.watchers: set[Watcher] = set()
        self.woken = asyncio.Event()
        self._database = database
        self._job = job
        self._last = last
        self._task = asyncio.create_task(self._run())

    def close(self) -> None:
        self._task.cancel()
        for watcher in self.watchers:
            watcher.end()

    async def _run(self) -> None:
        while True:
            await self.woken.wait()
            self.woken.clear()
            try:
                await self._read()
            except Exception as error:  # noqa: BLE001 - the watchers wait for this task
                log.warning("Events cannot be read.", job=str(self._job), reason=repr(error))
                await asyncio.sleep(AGAIN)
                self.woken.set()

    async def _read(self) -> None:
        while True:
            # Whether a watcher may see the job, its own stream asks.
            async with self._database.as_service() as connection:
                news = await read_news(connection, self._job, self._last)
            if news and news.frames:
                self._last = news.frames[-1].number
                for watcher in self.watchers:
                    watcher.offer(news.frames)
            if news is None or news.is_over:
                for watcher in self.watchers:
                    watcher.end()
            if news is None or news.is_all:
                return


class Broadcaster:
    """One connection that listens, and one feed for each job that is watched."""

    def __init__(self, database: Database, poll: float = POLL) -> None:
        self._database = database
        self._poll = poll
        self._feeds: dict[str, Feed] = {}
        self._is_closed = False

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        listening = asyncio.create_task(self._listen())
        try:
            yield
        finally:
            self.close()
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    def close(self) -> None:
        """End all streams: a server waits for them before it shuts down."""
        self._is_closed = True
        for feed in self._feeds.values():
            feed.close()
        self._feeds.clear()

    @contextmanager
    def watching(self, job: UUID, last: int) -> Iterator[Watcher]:
        """Frames of the events that come from now on, of those after `last` at the latest."""
        watcher = Watcher()
        if self._is_closed:
            watcher.end()
        feed = self._feeds.get(str(job)) or Feed(self._database, job, last)
        self._feeds[str(job)] = feed
        feed.watchers.add(watcher)
        try:
            yield watcher
        finally:
            feed.watchers.discard(watcher)
            if not feed.watchers and self._feeds.get(str(job)) is feed:
                del self._feeds[str(job)]
                feed.close()

    def _wake_all(self) -> None:
        for feed in self._feeds.values():
            feed.woken.set()

    async def _listen(self) -> None:
        while True:
            try:
                await self._listen_once()
            except Exception as error:  # noqa: BLE001 - a driver that loses its server raises all sorts
                log.warning("Events are polled for.", reason=repr(error))
            self._wake_all()
            await asyncio.sleep(self._poll)

    async def _listen_once(self) -> None:
        async with self._database.pool.acquire(timeout=PATIENCE) as connection:
            lost = asyncio.Event()
            connection.add_termination_listener(lambda _: lost.set())
            await connection.add_listener(CHANNEL, self._notice)
            self._wake_all()  # there may have been events before
            try:
                while not lost.is_set():
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(lost.wait(), ALIVE)
                    await connection.execute("select 1", timeout=PATIENCE)
            finally:
                connection.terminate()  # the pool would warn of what is left on it

    def _notice(self, *notification: object) -> None:
        feed = self._feeds.get(str(notification[-1]))
        if feed:
            feed.woken.set()


async def _of_app(connection: HTTPConnection) -> Broadcaster:
    broadcaster: Broadcaster = connection.app.state.broadcaster
    return broadcaster


AppBroadcaster = Annotated[Broadcaster, Depends(_of_app)]
"""What `app.state.broadcaster` holds while the application runs."""
