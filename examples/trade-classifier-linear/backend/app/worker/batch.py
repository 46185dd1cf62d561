"""Batches: a CSV file goes through the model server in parts, and each part is kept at once."""

import itertools
from collections.abc import AsyncIterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from app.core.storage import job_path
from app.ml.exports import to_csv
from app.ml.rows import Row, TableError
from app.ml.tables import read_rows
from app.worker.answers import Answers
from app.worker.context import Context, storage_said
from app.worker.events import Event, append
from app.worker.leases import Job, Lease, finish
from app.worker.outage import outlast
from app.worker.outcome import Failed

PART = 256  # rows
SERVED = """
select v.* from ml_model_versions v join ml_models m on m.id = v.model_id
where v.model_id = $1 and v.owner_id = $2 and v.stage = 'production'
  and v.endpoint_url is not null
"""
PROGRESS = "update ml_jobs set progress = $2 where id = $1"


async def run(context: Context, lease: Lease) -> None:
    job = lease.job
    with storage_said():
        async with context.storage.local(_path(job, "input.csv")) as file:
            try:
                done = await _answer_all(context, lease, file)
            except TableError as error:
                raise Failed(f"The file cannot be read: {error}") from None
        await _join_parts(context, job, done["step"])
    result = {"rows": done["step"], "failed": done["failed"]}

    async def write() -> None:
        async with lease.held() as connection:
            await append(connection, job.id, [Event("succeeded", result)])
            await finish(connection, job.id, "succeeded", result=result)

    await outlast(write)
    await _delete_parts(context, job, done["step"])


async def _answer_all(context: Context, lease: Lease, file: Path) -> dict[str, int]:
    """Go on behind the last part that is kept; returns how far it came."""
    total = sum(1 for _ in read_rows(file, ".csv"))
    done = {"step": 0, "failed": 0} | lease.job.progress | {"total_steps": total}
    rows = itertools.islice(read_rows(file, ".csv"), done["step"], None)
    while part := list(itertools.islice(rows, PART)):
        version = await outlast(lambda: _version(context, lease.job))
        answers = Answers(context.model_servers, version, lease.job.settings.get("columns", {}))
        answered, failed = await answers.of(part)
        content = _csv(answered, [*part[0].values, *answers.columns], is_first=not done["step"])
        await context.storage.put(_part_path(lease.job, done["step"]), _once(content))
        done |= {"step": done["step"] + len(part), "failed": done["failed"] + failed}
        await outlast(partial(_note, lease, done))
    return done


async def _version(context: Context, job: Job) -> Any:
    async with context.database.as_service() as connection:
        row = await connection.fetchrow(SERVED, job.model_id, job.owner_id)
    if row is None:
        raise Failed("The model has no version in production: promote one, then resume the job.")
    return row


async def _note(lease: Lease, progress: dict[str, int]) -> None:
    async with lease.held() as connection:
        await connection.execute(PROGRESS, lease.job.id, progress)
        await append(connection, lease.job.id, [Event("step", dict(progress))])


def _csv(rows: Sequence[Row], columns: Sequence[str], is_first: bool) -> bytes:
    """A part of the file; the header is in the first."""
    header = b"".join(to_csv([], columns))
    content = b"".join(to_csv(rows, columns))
    return content if is_first else content[len(header) :]


async def _join_parts(context: Context, job: Job, rows: int) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for start in _starts(rows):
            async for chunk in await context.storage.read(_part_path(job, start)):
                yield chunk

    await context.storage.put(_path(job, "output.csv"), chunks())


async def _delete_parts(context: Context, job: Job, rows: int) -> None:
    for start in _starts(rows):
        await context.storage.delete(_part_path(job, start))


def _starts(rows: int) -> range:
    return range(0, rows, PART)


def _path(job: Job, name: str) -> str:
    return job_path(job.owner_id, job.id, name)


def _part_path(job: Job, start: int) -> str:
    return _path(job, f"part-{start}.csv")


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
