"""Estimates: what a training would need, take and cost where its recipe trains; nothing is started."""

from app.ml.job_settings import setting_faults
from app.worker.arguments import options, source
from app.worker.context import Context
from app.worker.events import Event, append
from app.worker.hiding import hide_folder
from app.worker.inputs import read_input
from app.worker.leases import Lease, finish
from app.worker.outage import outlast
from app.worker.outcome import Failed
from app.worker.provider import Json

SCHEMA = "select description -> 'settings' from ml_recipes where name = $1"


async def run(context: Context, lease: Lease) -> None:
    job = lease.job
    schema = await outlast(lambda: _schema(context, job.recipe))
    for fault in setting_faults(job.settings, schema):
        raise Failed(f"{fault.field}: {fault.message}")
    data = await read_input(context, job)
    arguments = [*source(data.place, data.columns), *options(job.settings)]
    answer = await context.provider(job.recipe).quote(arguments)
    result = hide_folder(answer, context.folder(job))

    async def save() -> None:
        async with lease.held() as connection:
            await append(connection, job.id, [Event("succeeded", {})])
            await finish(connection, job.id, "succeeded", result=result)

    await outlast(save)


async def _schema(context: Context, recipe: str) -> Json:
    async with context.database.as_service() as connection:
        schema: Json | None = await connection.fetchval(SCHEMA, recipe)
    if schema is None:
        raise Failed(f"No worker knows the recipe '{recipe}' any more: choose another one.")
    return schema
