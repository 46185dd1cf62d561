"""Ends what runs for nobody: its job was deleted, or ended while a launch was still under way."""

import asyncio
import shutil
from uuid import UUID

import structlog

from app.worker.context import Context
from app.worker.ending import end_once
from app.worker.outcome import Failed
from app.worker.provider import ProviderError

log = structlog.get_logger(__name__)

NEEDED = """
select 'ml-' || id from ml_jobs where id = any($1) and status in ('queued', 'running')
union
select deployment from ml_model_versions where deployment = any($2)
"""
JUST_OVER = """
select recipe, handle from ml_jobs
where status in ('failed', 'stopped', 'cancelled') and handle is not null
  and finished_at > now() - interval '10 minutes'
"""


async def sweep(context: Context) -> None:
    """Compare what may run with the database."""
    folders = {folder.name: folder for folder in context.work.glob("*/ml-*")}
    ids = [UUID(name.removeprefix("ml-")) for name in folders]
    async with context.database.as_service() as connection:
        needed = {row[0] for row in await connection.fetch(NEEDED, ids, list(folders))}
        just_over = await connection.fetch(JUST_OVER)
    for recipe, handle in just_over:
        await _end(context, recipe, handle)
    for name in folders.keys() - needed:
        if await _end(context, folders[name].parent.name, name):
            await asyncio.to_thread(shutil.rmtree, folders[name], ignore_errors=True)


async def _end(context: Context, recipe: str, name: str) -> bool:
    """Whether nothing more can be done."""
    try:
        await end_once(context.provider(recipe), name)
    except ProviderError as error:
        log.warning("A run is ended later.", run=name, reason=str(error))
        return False
    except Failed as error:  # its model folder is gone
        log.warning("A run cannot be ended.", run=name, reason=str(error))
    return True
