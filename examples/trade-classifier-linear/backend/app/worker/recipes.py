"""The model folders of this machine, as the API and the pages know them."""

from pathlib import Path

import structlog

from app.worker.context import Context
from app.worker.outcome import Failed
from app.worker.provider import Json, ProviderError

log = structlog.get_logger(__name__)

SAVE = """
insert into ml_recipes (name, provider, description) values ($1, $2, $3)
on conflict (name) do update
set provider = excluded.provider, description = excluded.description, updated_at = now()
"""
FORGET = "delete from ml_recipes where updated_at < now() - interval '1 hour'"


class Recipes:
    """Describes each folder again when its code has changed."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._known: dict[str, tuple[float, Json]] = {}

    async def refresh(self) -> None:
        models = self._context.settings.ml_models_dir.resolve()
        for script in sorted(models.glob("*/cloud.py")):
            try:
                await self._refresh(script.parent)
            except (ProviderError, Failed) as error:
                log.error(
                    "A model folder is left out.", folder=script.parent.name, reason=str(error)
                )
        async with self._context.database.as_service() as connection:
            await connection.execute(FORGET)  # no worker has it any more

    async def _refresh(self, folder: Path) -> None:
        name, changed = folder.name, _last_change(folder)
        if name not in self._known or self._known[name][0] != changed:
            self._known[name] = changed, await self._context.provider(name).describe()
        description = self._known[name][1]
        async with self._context.database.as_service() as connection:
            await connection.execute(SAVE, name, description["provider"], description)


def _last_change(folder: Path) -> float:
    files = [*folder.glob("*.py"), *folder.parent.glob("core/*.py")]
    return max(file.stat().st_mtime for file in files)
