"""Deployments: a server for a version is made ready, then it is the model's production version."""

import asyncio
from typing import Any

import httpx

from app.core.database import Connection
from app.core.storage import artifact_path
from app.worker.context import Context, storage_said
from app.worker.ending import end
from app.worker.events import Event, append
from app.worker.leases import Job, Lease, finish
from app.worker.outage import outlast
from app.worker.outcome import Failed, Retry
from app.worker.provider import USER_ERRORS, Json, Provider
from app.worker.starting import start

READY_WITHIN = 900  # seconds: a GPU is found, weights are loaded
LOOK_EVERY = 0.5  # seconds
VERSION = """
select v.* from ml_model_versions v join ml_models m on m.id = v.model_id
where v.id = $1 and v.owner_id = $2 and m.recipe = $3
"""
ARCHIVE = """
update ml_model_versions set stage = 'archived'
where model_id = $1 and stage = 'production' and id <> $2
"""
PROMOTE = """
update ml_model_versions
set stage = 'production', promoted_at = now(), deployment = $2, endpoint_url = $3
where id = $1
"""


async def run(context: Context, lease: Lease) -> None:
    job = lease.job
    provider = context.provider(job.recipe)
    version = await outlast(lambda: _version(context, job))
    folder = context.folder(job) / "artifact"
    if not folder.exists():
        with storage_said():
            await context.storage.get_folder(artifact_path(job.owner_id, version["id"]), folder)
    await start(lease, lambda: provider.deploy(job.run, folder))
    url = await _ready(context, provider, job.run)
    if version["deployment"] not in (None, job.run):
        await end(provider, version["deployment"])  # its name is about to be replaced
    await outlast(lambda: _promote(lease, version, url))


async def _version(context: Context, job: Job) -> Any:
    async with context.database.as_service() as connection:
        row = await connection.fetchrow(VERSION, job.model_version_id, job.owner_id, job.recipe)
    if row is None:
        raise Failed(f"The version is gone, or not one of the recipe '{job.recipe}'.")
    return row


async def _ready(context: Context, provider: Provider, name: str) -> str:
    """Address of the server, once it answers that it is ready."""
    try:
        async with asyncio.timeout(READY_WITHIN):
            while True:
                status = await provider.status(name)
                if status["state"] != "running":
                    raise _why(status)
                url: str | None = status["url"]
                if url and await _is_ready(context.http, url):
                    return url
                await asyncio.sleep(LOOK_EVERY)
    except TimeoutError:
        raise Failed(f"The model server was not ready within {READY_WITHIN} s.") from None


async def _is_ready(http: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await http.get(f"{url}/readyz")).status_code == 200
    except httpx.HTTPError:
        return False


def _why(status: Json) -> Exception:
    reason = status.get("reason") or f"The model server ended as '{status['state']}'."
    return Failed(reason) if status.get("exit_code") in USER_ERRORS else Retry(reason, "lost")


async def _promote(lease: Lease, version: Any, url: str) -> None:
    """All in one transaction: at no time has a model two production versions, or none."""
    job = lease.job
    async with lease.held() as connection:
        await _flip(connection, job, version, url)
        result = {"model_version_id": str(version["id"]), "version": version["number"]}
        await append(connection, job.id, [Event("succeeded", result)])
        await finish(connection, job.id, "succeeded", result=result)


async def _flip(connection: Connection, job: Job, version: Any, url: str) -> None:
    await connection.execute("select from ml_models where id = $1 for update", version["model_id"])
    await connection.execute(ARCHIVE, version["model_id"], version["id"])
    await connection.execute(PROMOTE, version["id"], job.run, url)
