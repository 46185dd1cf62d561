"""Whether this process lives, and whether it can do its work."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from typing import Literal

import structlog
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from app.core.database import AppDatabase, Database
from app.core.settings import Settings
from app.core.storage import AppStorage, Storage

log = structlog.get_logger(__name__)

PATIENCE = 1.0  # seconds
APPLIED = "select version from supabase_migrations.schema_migrations"

router = APIRouter(tags=["operation"])


class Alive(BaseModel):
    status: Literal["alive"] = Field(default="alive", examples=["alive"])


class Readiness(BaseModel):
    status: Literal["ready", "not ready"] = Field(examples=["ready"])
    checks: dict[str, str] = Field(
        description="ok, or what is wrong.",
        examples=[{"database": "ok", "migrations": "ok", "storage": "ok"}],
    )


@router.get("/healthz", operation_id="get_health")
async def get_health() -> Alive:
    """The process answers."""
    return Alive()


@router.get("/readyz", operation_id="get_readiness", responses={503: {"model": Readiness}})
async def get_readiness(
    request: Request, response: Response, database: AppDatabase, storage: AppStorage
) -> Readiness:
    """The database answers, its schema is this program's, and files can be written."""
    checks = {
        "database": _check_database(database),
        "migrations": _check_migrations(database, request.app.state.settings),
        "storage": _check_storage(storage),
    }
    found = dict(zip(checks, await asyncio.gather(*map(_outcome, checks.values())), strict=True))
    if all(outcome == "ok" for outcome in found.values()):
        return Readiness(status="ready", checks=found)
    response.status_code = 503
    response.headers["Retry-After"] = "2"
    return Readiness(status="not ready", checks=found)


async def _outcome(check: Awaitable[str | None]) -> str:
    try:
        async with asyncio.timeout(PATIENCE):
            return await check or "ok"
    except TimeoutError:
        return f"no answer within {PATIENCE:g} s"
    except Exception as error:
        log.warning("Check failed.", exc_info=error)
        return f"failed: {type(error).__name__}"


async def _check_database(database: Database) -> str | None:
    async with database.as_service() as connection:
        await connection.fetchval("select count(*) from ml_recipes")
    return None


async def _check_migrations(database: Database, settings: Settings) -> str | None:
    async with database.as_service() as connection:
        applied = {row["version"] for row in await connection.fetch(APPLIED)}
    files = settings.ml_migrations_dir.glob("*_*.sql")
    missing = sorted({file.name.split("_")[0] for file in files} - applied)
    return f"not applied: {', '.join(missing)}; run `make migrate`" if missing else None


async def _check_storage(storage: Storage) -> str | None:
    await storage.put("ready", _one_byte())
    return None


async def _one_byte() -> AsyncIterator[bytes]:
    yield b"1"
