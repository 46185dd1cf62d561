"""Which version answers: promote one, or roll back to the one before."""

import asyncpg
from fastapi import APIRouter, Response

from app.core.auth import CurrentUser
from app.core.database import AppDatabase, Connection
from app.core.idempotency import Idempotency, IdempotencyKey
from app.core.problems import Problem, documented
from app.ml.models import find_model
from app.ml.names import ModelPath, VersionPath
from app.ml.queue import JobAccepted, NewJob, accepted, create_job
from app.ml.versions import find_version

BEFORE = """
select *, $2::text as recipe from ml_model_versions
where model_id = $1 and stage = 'archived' and promoted_at is not null
order by promoted_at desc limit 1
"""

router = APIRouter(prefix="/models/{name}", tags=["models"])


@router.post(
    "/versions/{number}/promote",
    operation_id="promote_version",
    status_code=202,
    responses=documented(401, 404, 409, 422, 429, 503),
)
async def promote_version(
    name: ModelPath,
    number: VersionPath,
    response: Response,
    user: CurrentUser,
    database: AppDatabase,
    key: IdempotencyKey = None,
) -> JobAccepted:
    """Serve this version: it takes over from the present one as soon as its server is ready."""
    idempotency = Idempotency.of(key, "promote", name, number)
    async with database.as_user(user) as connection:
        version = await find_version(connection, user, name, number)
        job = await _deploy(connection, user, version, idempotency)
    return accepted(response, job)


@router.post(
    "/rollback",
    operation_id="roll_back",
    status_code=202,
    responses=documented(401, 404, 409, 422, 429, 503),
)
async def roll_back(
    name: ModelPath,
    response: Response,
    user: CurrentUser,
    database: AppDatabase,
    key: IdempotencyKey = None,
) -> JobAccepted:
    """Serve the version that was in production before the present one."""
    idempotency = Idempotency.of(key, "rollback", name)
    async with database.as_user(user) as connection:
        model = await find_model(connection, user, name)
        version = await connection.fetchrow(BEFORE, model["id"], model["recipe"])
        if version is None:
            raise Problem(409, f"No version of '{name}' was in production before.")
        job = await _deploy(connection, user, version, idempotency)
    return accepted(response, job)


async def _deploy(
    connection: Connection, user: CurrentUser, version: asyncpg.Record, idempotency: Idempotency
) -> asyncpg.Record:
    new = NewJob(
        "deploy",
        version["recipe"],
        model_id=version["model_id"],
        model_version_id=version["id"],
    )
    return await create_job(connection, user, new, idempotency)
