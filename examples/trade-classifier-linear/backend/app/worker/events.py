"""Events of a job, numbered from 1 without gaps under the lock of the job's row."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from app.core.database import Connection

LAST = """
select owner_id, last_event,
  (select coalesce(max(line), 0) from ml_job_events where job_id = $1) as line
from ml_jobs where id = $1
for update
"""
INSERT = """
insert into ml_job_events (job_id, number, owner_id, kind, data, line)
values ($1, $2, $3, $4, $5, $6)
"""


class Event(NamedTuple):
    kind: str
    data: dict[str, Any] = {}  # noqa: RUF012 - never changed
    line: int | None = None  # of the run's own events


async def append(connection: Connection, job: UUID, events: Sequence[Event]) -> list[Event]:
    """Add events; returns those that were not there yet.

    Args:
        connection: In a transaction, as that of `Lease.held`.
    """
    last = await connection.fetchrow(LAST, job)
    assert last
    new = [event for event in events if event.line is None or event.line > last["line"]]
    numbers = range(last["last_event"] + 1, last["last_event"] + 1 + len(new))
    await connection.executemany(
        INSERT,
        [
            (job, number, last["owner_id"], event.kind, event.data, event.line)
            for number, event in zip(numbers, new, strict=True)
        ],
    )
    await connection.execute(
        "update ml_jobs set last_event = last_event + $2 where id = $1", job, len(new)
    )
    return new


async def last_line(connection: Connection, job: UUID) -> int:
    """Line of the run's own events that is the newest here; 0 if there is none."""
    row = await connection.fetchrow(LAST, job)
    assert row
    line: int = row["line"]
    return line
