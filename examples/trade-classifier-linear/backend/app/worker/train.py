"""Trainings: data in, a run at the provider, a version of the model out."""

import asyncio
import shutil

from app.core.database import Connection
from app.core.storage import artifact_path
from app.ml.job_settings import setting_faults
from app.worker.arguments import options, source
from app.worker.context import Context, storage_said
from app.worker.ending import end
from app.worker.events import Event, append
from app.worker.following import Following
from app.worker.hiding import hide_folder
from app.worker.inputs import read_input
from app.worker.leases import Job, Lease, finish
from app.worker.outage import outlast
from app.worker.outcome import Failed, Retry, Stopped
from app.worker.provider import USER_ERRORS, Json, Provider, parse
from app.worker.starting import start

TIME_IS_UP = 4  # exit code of a run with a limit of time
RECIPE = """
select r.description, m.recipe as of_model
from ml_models m join ml_recipes r on r.name = m.recipe
where m.id = $1 and m.owner_id = $2
"""
NEXT_NUMBER = "select coalesce(max(number), 0) + 1 from ml_model_versions where model_id = $1"
ADD_VERSION = """
insert into ml_model_versions
  (id, owner_id, model_id, number, job_id, dataset_version_id, manifest, metrics, bytes)
values ($1, $2, $3, $4, $1, $5, $6, $7, $8)
"""


async def run(context: Context, lease: Lease) -> None:
    job = lease.job
    provider = context.provider(job.recipe)
    description = await outlast(lambda: _description(context, job))
    for fault in setting_faults(job.settings, description["settings"]):
        raise Failed(f"{fault.field}: {fault.message}")
    data = await read_input(context, job)
    following = Following(context, lease, provider)
    if following.is_too_dear:
        await end(provider, job.run)
    else:
        settings = {**_limits(job, description), **job.settings}
        arguments = [*source(data.place, data.columns), *options(settings)]
        await start(lease, lambda: provider.launch(job.run, arguments))
    status = await following.to_the_end()
    if status["state"] != "finished":
        raise _why(status, job, following.is_too_dear)
    await _keep(context, lease, provider)


async def _description(context: Context, job: Job) -> Json:
    async with context.database.as_service() as connection:
        row = await connection.fetchrow(RECIPE, job.model_id, job.owner_id)
    if row is None or row["of_model"] != job.recipe:
        raise Failed(f"The model is not one of the recipe '{job.recipe}': choose another one.")
    description: Json = row["description"]
    return description


def _limits(job: Job, description: Json) -> Json:
    """What a provider of paid machines has to keep to itself, this process being alive or not."""
    knows = "max_cost" in description["settings"]["properties"]
    return {"max_cost": float(job.cost_limit_usd)} if knows and job.cost_limit_usd else {}


def _why(status: Json, job: Job, is_too_dear: bool) -> Exception:
    reason = status.get("reason") or f"The training ended as '{status['state']}'."
    code = status.get("exit_code")
    if is_too_dear:
        return Stopped(f"The cost limit of {job.cost_limit_usd:.4f} USD was reached.")
    if status["state"] == "stopped" and code == TIME_IS_UP:
        return Stopped(reason)
    if status["state"] == "failed" and code in USER_ERRORS:
        return Failed(reason)
    return Retry(reason, "lost")


async def _keep(context: Context, lease: Lease, provider: Provider) -> None:
    """From the run to the storage, then to the database: a crash between them is made up for,
    because the version has the id of its job."""
    job = lease.job
    folder = context.folder(job) / "artifact"
    await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    await provider.fetch(job.run, folder)
    with storage_said():
        await context.storage.put_folder(artifact_path(job.owner_id, job.id), folder)
    manifest = parse((folder / "manifest.json").read_bytes())
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())

    async def add() -> None:
        async with lease.held() as connection:
            await _add_version(connection, job, hide_folder(manifest, folder.parent), size)

    await outlast(add)


async def _add_version(connection: Connection, job: Job, manifest: Json, size: int) -> None:
    # The lock puts trainings of one model that end together in a row.
    await connection.execute("select from ml_models where id = $1 for update", job.model_id)
    number = await connection.fetchval(NEXT_NUMBER, job.model_id)
    await connection.execute(
        ADD_VERSION,
        job.id,
        job.owner_id,
        job.model_id,
        number,
        job.dataset_version_id,
        manifest,
        manifest.get("metrics", {}),
        size,
    )
    result = {"model_version_id": str(job.id), "version": number}
    await append(connection, job.id, [Event("succeeded", result)])
    await finish(connection, job.id, "succeeded", result=result)
