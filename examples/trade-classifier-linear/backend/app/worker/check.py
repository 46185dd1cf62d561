"""Checks of data sets: a model folder reads a version, and its findings go onto that version."""

from typing import Any

from app.core.database import Connection
from app.worker.arguments import source
from app.worker.context import Context
from app.worker.events import Event, append
from app.worker.hiding import hide_folder
from app.worker.inputs import Input, read_input
from app.worker.leases import Job, Lease, finish
from app.worker.outage import outlast
from app.worker.outcome import Failed

SHOWN = 200  # problems that are kept; `problem_count` counts all
SAVE = """
update ml_dataset_versions
set status = $3, recipe = $4, problems = $5, problem_count = $6, notes = $7, summary = $8,
    row_count = $9, columns = $10
where id = $1 and columns = $2
"""


async def run(context: Context, lease: Lease) -> None:
    job = lease.job
    provider = context.provider(job.recipe)
    data = await read_input(context, job)
    answer = await provider.check(source(data.place, data.columns))
    findings = hide_folder(answer, context.folder(job))
    result = {
        "status": "invalid" if findings["problem_count"] else "valid",
        "problem_count": findings["problem_count"],
    }

    async def save() -> None:
        async with lease.held() as connection:
            await _save(connection, job, data, findings, result["status"])
            await append(connection, job.id, [Event("succeeded", result)])
            await finish(connection, job.id, "succeeded", result=result)

    await outlast(save)


async def _save(
    connection: Connection, job: Job, data: Input, findings: dict[str, Any], status: str
) -> None:
    done = await connection.execute(
        SAVE,
        job.dataset_version_id,
        data.columns,
        status,
        job.recipe,
        findings["problems"][:SHOWN],
        findings["problem_count"],
        findings["notes"],
        findings["summary"],
        findings["rows"],
        findings["columns"] or data.columns,
    )
    if done == "UPDATE 0":
        raise Failed("The columns were changed during the check: check again.")
