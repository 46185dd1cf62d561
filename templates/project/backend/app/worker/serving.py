"""Production versions stay served, and servers of other versions end."""

from datetime import timedelta
from typing import Any

import structlog

from app.worker.context import Context
from app.worker.ending import end_once
from app.worker.outcome import Failed
from app.worker.provider import ProviderError

log = structlog.get_logger(__name__)

REST = timedelta(minutes=10)  # after a deployment that failed
VERSIONS = """
select v.id, v.owner_id, v.model_id, v.stage, v.deployment, m.recipe
from ml_model_versions v join ml_models m on m.id = v.model_id
where v.stage = 'production' or v.deployment is not null
"""
LOCK = "select from ml_models where id = $1 for update"
DEPLOY = """
insert into ml_jobs (owner_id, kind, recipe, provider, model_id, model_version_id)
select $1, 'deploy', r.name, r.provider, $3::uuid, $4 from ml_recipes r
where r.name = $2 and not exists (
  select from ml_jobs
  where model_id = $3 and kind = 'deploy'
    and (status in ('queued', 'running') or (status = 'failed' and finished_at > now() - $5::interval))
)
"""
RETIRE = """
update ml_model_versions set deployment = null, endpoint_url = null
where id = $1 and deployment = $2 and stage <> 'production'
"""


async def keep_served(context: Context) -> None:
    async with context.database.as_service() as connection:
        versions = await connection.fetch(VERSIONS)
    for version in versions:
        if version["stage"] != "production":
            await _retire(context, version)
        elif not await _is_served(context, version):
            await _deploy(context, version)


async def _is_served(context: Context, version: Any) -> bool:
    if version["deployment"] is None:
        return False
    try:
        status = await context.provider(version["recipe"]).status(version["deployment"])
    except ProviderError as error:
        return not error.is_final  # a provider that is away may still serve it
    except Failed as error:
        log.warning("A version cannot be served.", version=str(version["id"]), reason=str(error))
        return True
    return bool(status["state"] == "running")


async def _deploy(context: Context, version: Any) -> None:
    async with context.database.as_service() as connection:
        await connection.execute(LOCK, version["model_id"])  # other workers look as well
        await connection.execute(
            DEPLOY,
            version["owner_id"],
            version["recipe"],
            version["model_id"],
            version["id"],
            REST,
        )


async def _retire(context: Context, version: Any) -> None:
    try:
        await end_once(context.provider(version["recipe"]), version["deployment"])
    except (ProviderError, Failed) as error:
        log.warning("A server is ended later.", version=str(version["id"]), reason=str(error))
        return
    async with context.database.as_service() as connection:
        await connection.execute(RETIRE, version["id"], version["deployment"])
