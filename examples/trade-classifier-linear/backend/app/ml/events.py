"""Events of a job: a stream that can be taken up at any point, or pages."""

import time
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal
from uuid import UUID

import structlog
from fastapi import APIRouter, Header, Query, Response
from pydantic import BaseModel, Field

from app.core.auth import CurrentUser, User
from app.core.database import OUTAGES, AppDatabase, Connection, Database
from app.core.event_stream import EventStream
from app.core.problems import documented, not_found
from app.ml.broadcaster import AppBroadcaster, Broadcaster, TooSlow, Watcher
from app.ml.event_rows import LIST, EventPublic, Frame, read_news

log = structlog.get_logger(__name__)

HEARTBEAT = 15.0  # seconds; proxies close what is silent for longer
RECHECK = 60.0  # seconds between looks whether the user may still see the job
MAX_NUMBER = 2**63 - 1
WELCOME = b"retry: 2000\n\n"  # milliseconds until a client that was cut off comes back
ALIVE = b": alive\n\n"
TOO_SLOW = b": too slow; come back\nretry: 5000\n\n"
STREAM_EXAMPLE = 'id: 17\ndata: {"number": 17, "kind": "step", "data": {"step": 40}}\n\n'

EventNumber = Annotated[int, Query(ge=0, le=MAX_NUMBER, description="Number of an event.")]

router = APIRouter(tags=["jobs"])


class EventPage(BaseModel):
    items: list[EventPublic]
    next_cursor: str | None = Field(description="Send it as `after` to go on; null at the end.")


@router.get(
    "/jobs/{job_id}/events",
    operation_id="get_job_events",
    summary="Watch a job",
    response_model=EventPage,
    responses=documented(401, 404, 422, 429, 503)
    | {
        200: {"content": {"text/event-stream": {"example": STREAM_EXAMPLE}}},
        204: {"description": "The job is over, and there is no event after that one."},
    },
)
async def get_events(
    job_id: UUID,
    user: CurrentUser,
    database: AppDatabase,
    broadcaster: AppBroadcaster,
    after: EventNumber = 0,
    format: Annotated[Literal["sse", "json"], Query()] = "sse",
    limit: Annotated[int, Query(ge=1, le=500, description="Events on a page of JSON.")] = 100,
    last_event_id: Annotated[
        str | None,
        Header(
            max_length=40, description="Sent by browsers that come back; it goes before `after`."
        ),
    ] = None,
) -> Response:
    """All events after `after`, then those that come, until the job is over.

    Each has its number as its id, so that a client that was cut off misses none.
    """
    start = _start(last_event_id, after)
    async with database.as_user(user) as connection:
        news = await read_news(connection, job_id, start)
        if news is None:
            raise not_found(f"job {job_id}")
        if format == "json":
            return await _page(connection, job_id, after, limit)
    if last_event_id and news.is_over and not news.frames:
        return Response(status_code=204)  # nothing else keeps an EventSource from coming back
    stream = Stream(database, broadcaster, user, job_id, start)
    return EventStream(stream.frames(news.last_event))


@dataclass
class Stream:
    """What one client is sent; `sent` is the number of its newest event."""

    database: Database
    broadcaster: Broadcaster
    user: User
    job: UUID
    sent: int
    heartbeat: float = HEARTBEAT
    recheck: float = RECHECK
    is_over: bool = field(default=False, init=False)

    async def frames(self, last_event: int) -> AsyncGenerator[bytes]:
        """All events after `sent`; `last_event` was the job's newest one a moment ago."""
        yield WELCOME
        with self.broadcaster.watching(self.job, last_event) as watcher:
            try:
                async for chunk in self._replay():
                    yield chunk
                if not self.is_over:
                    async for chunk in self._follow(watcher):
                        yield chunk
            except TooSlow:
                yield TOO_SLOW
            except OUTAGES as error:  # the client comes back, and goes on where it was
                log.warning("A stream ends early.", job=str(self.job), reason=str(error))

    async def _replay(self) -> AsyncGenerator[bytes]:
        """What the database has; whatever comes meanwhile, the watcher gathers."""
        is_all = False
        while not is_all:
            async with self.database.as_user(self.user) as connection:
                news = await read_news(connection, self.job, self.sent)
            yield self._chunk(news.frames if news else [])
            is_all = news is None or news.is_all
            self.is_over = news is None or news.is_over

    async def _follow(self, watcher: Watcher) -> AsyncGenerator[bytes]:
        check_at = time.monotonic() + self.recheck
        while True:
            try:
                frames = await watcher.take(self.heartbeat)
            except TimeoutError:
                yield ALIVE
            else:
                if frames is None:
                    return
                yield self._chunk(frames)
            if time.monotonic() >= check_at:
                if not await self._may_watch():
                    return
                check_at = time.monotonic() + self.recheck

    def _chunk(self, frames: Sequence[Frame]) -> bytes:
        """Those that were not sent yet: replay and live events overlap."""
        new = [frame for frame in frames if frame.number > self.sent]
        if new:
            self.sent = new[-1].number
        return b"".join(frame.content for frame in new)

    async def _may_watch(self) -> bool:
        if time.time() > self.user.claims["exp"]:
            return False
        async with self.database.as_user(self.user) as connection:
            return await read_news(connection, self.job, MAX_NUMBER) is not None


async def _page(connection: Connection, job: UUID, after: int, limit: int) -> Response:
    rows = await connection.fetch(LIST, job, after, limit + 1)
    items = [EventPublic.model_validate(dict(row)) for row in rows[:limit]]
    cursor = str(items[-1].number) if len(rows) > limit else None
    page = EventPage(items=items, next_cursor=cursor)
    return Response(page.model_dump_json(), media_type="application/json")


def _start(last_event_id: str | None, after: int) -> int:
    """What a browser says counts more than the address, which it repeats unchanged."""
    is_number = last_event_id is not None and last_event_id.isdecimal()
    return min(int(last_event_id or 0), MAX_NUMBER) if is_number else after
