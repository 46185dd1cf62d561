"""Events of a job as they are read from the database, and as frames of a stream."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple, Self
from uuid import UUID

import asyncpg
from pydantic import BaseModel, Field

from app.core.database import Connection

PAGE = 500  # events
OVER = ("succeeded", "stopped", "failed", "cancelled")
# One statement, hence one moment: state and events belong together.
READ = """
select j.status, j.last_event, e.number, e.content
from ml_jobs j
left join lateral (
  select number, json_build_object(
    'number', number, 'kind', kind, 'data', data, 'created_at', created_at)::text as content
  from ml_job_events where job_id = j.id and number > $2 order by number limit $3
) e on true
where j.id = $1
order by e.number
"""
LIST = """
select number, kind, data, created_at from ml_job_events
where job_id = $1 and number > $2 order by number limit $3
"""


class EventPublic(BaseModel):
    number: int = Field(description="From 1 without gaps.", examples=[17])
    kind: str = Field(
        description="Of the job: queued, claimed, launched, lost, retried, cancelled, stopped, "
        "failed, succeeded; or of its run.",
        examples=["step"],
    )
    data: dict[str, Any] = Field(examples=[{"step": 40, "loss": 0.31, "eta_seconds": 12}])
    created_at: datetime


class Frame(NamedTuple):
    """An event, written for every watcher at once."""

    number: int
    content: bytes

    @classmethod
    def of(cls, number: int, content: str) -> Self:
        return cls(number, f"id: {number}\ndata: {content}\n\n".encode())


class News(NamedTuple):
    """Events after a number, and what the job was like at that moment."""

    frames: Sequence[Frame]
    last_event: int
    is_all: bool
    is_over: bool


async def read_news(connection: Connection, job: UUID, after: int) -> News | None:
    """What a job has after the event `after`; none if it is not there (any more)."""
    rows: Sequence[asyncpg.Record] = await connection.fetch(READ, job, after, PAGE)
    if not rows:
        return None
    frames = [Frame.of(row["number"], row["content"]) for row in rows if row["number"]]
    last = frames[-1].number if frames else after
    is_all = last >= rows[0]["last_event"]
    return News(frames, rows[0]["last_event"], is_all, is_all and rows[0]["status"] in OVER)
