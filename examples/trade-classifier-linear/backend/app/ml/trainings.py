"""A training is queued once everything that can be known before is right."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg

from app.core.auth import User
from app.core.database import Connection
from app.core.idempotency import Idempotency
from app.core.problems import Problem, invalid, invalid_field, not_found
from app.ml.job_settings import setting_faults
from app.ml.queue import FIRST, NewJob, create_job

MODEL = "select id, recipe from ml_models where name = $1"
ADD_MODEL = """
insert into ml_models (name, recipe) values ($1, $2)
on conflict (owner_id, name) do nothing
"""
SCHEMA = "select description -> 'settings' from ml_recipes where name = $1"
DATA = "select number, status, problem_count from ml_dataset_versions where id = $1"


@dataclass(frozen=True)
class Training:
    model: str
    recipe: str | None
    dataset_version_id: UUID
    settings: dict[str, Any]
    cost_limit_usd: Decimal | None


async def start(
    connection: Connection, user: User, training: Training, idempotency: Idempotency
) -> asyncpg.Record:
    """The row of the job, or of the first one of this key.

    Args:
        connection: Of `database.as_user(user)`.

    Raises:
        Problem: Model, recipe, data or settings are not right, or the key was used otherwise.
    """
    if idempotency.key:
        first = await connection.fetchrow(FIRST, user.id, idempotency.key)
        if first is not None:
            idempotency.check(first["request_sha256"])
            return first
    recipe = await _recipe(connection, training)
    await check_settings(connection, recipe, training.settings)
    await check_data(connection, training.dataset_version_id)
    await connection.execute(ADD_MODEL, training.model, recipe)
    model = await connection.fetchrow(MODEL, training.model)
    assert model
    job = NewJob(
        "train",
        recipe,
        model_id=model["id"],
        dataset_version_id=training.dataset_version_id,
        settings=training.settings,
        cost_limit_usd=training.cost_limit_usd,
    )
    return await create_job(connection, user, job, idempotency)


async def _recipe(connection: Connection, training: Training) -> str:
    model = await connection.fetchrow(MODEL, training.model)
    recipe: str | None = model["recipe"] if model else training.recipe
    if recipe is None:
        message = f"'{training.model}' is a new model; say which of GET /ml/recipes trains it"
        raise invalid_field("recipe", message)
    if training.recipe not in (None, recipe):
        detail = f"The model '{training.model}' is trained by '{recipe}'; choose another name."
        raise Problem(409, detail)
    return recipe


async def check_settings(connection: Connection, recipe: str, settings: dict[str, Any]) -> None:
    schema = await connection.fetchval(SCHEMA, recipe)
    if schema is None:
        raise Problem(409, f"No worker knows the recipe '{recipe}'; GET /ml/recipes lists all.")
    if faults := setting_faults(settings, schema):
        raise invalid(*faults)


async def check_data(connection: Connection, version: UUID) -> None:
    row = await connection.fetchrow(DATA, version)
    if row is None:
        raise not_found(f"data set version {version}")
    if row["status"] == "invalid":
        count = f"{row['problem_count']:,}"
        detail = (
            f"Version {row['number']} of the data has {count} problems; mend them in a new one."
        )
        raise Problem(409, detail)
