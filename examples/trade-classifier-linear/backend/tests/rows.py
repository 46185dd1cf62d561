"""Rows that the tests of models and predictions start from."""

from typing import Any
from uuid import UUID, uuid4

from app.core.auth import User
from app.core.database import Database

MANIFEST: dict[str, Any] = {
    "task": "text-classification",
    "version": "v1",
    "labels": ["plumber", "welder"],
    "config": {"epochs": 3, "seed": 42},
    "input": {
        "type": "object",
        "properties": {"text": {"type": "string"}},
        "required": ["text"],
    },
    "output": {
        "type": "object",
        "properties": {"label": {"type": "string"}},
        "required": ["label"],
    },
}
RECIPE = MANIFEST | {
    "title": "Text classification",
    "algorithm": "linear",
    "columns": ["text", "label"],
    "metric": "accuracy",
    "settings": {"type": "object", "properties": {"epochs": {"type": "integer"}}},
}


async def add_recipe(database: Database) -> None:
    async with database.as_service() as connection:
        await connection.execute(
            "insert into ml_recipes (name, provider, description) values ('echo', 'local', $1)"
            " on conflict do nothing",
            RECIPE,
        )


async def add_model(database: Database, user: User, name: str = "trades") -> UUID:
    await add_recipe(database)
    async with database.as_user(user) as connection:
        model_id: UUID = await connection.fetchval(
            "insert into ml_models (name, recipe) values ($1, 'echo') returning id", name
        )
    return model_id


async def add_version(
    database: Database,
    user: User,
    model_id: UUID,
    number: int = 1,
    stage: str = "production",
    url: str | None = None,
    **manifest: Any,
) -> UUID:
    async with database.as_service() as connection:
        version_id: UUID = await connection.fetchval(
            "insert into ml_model_versions (owner_id, model_id, number, job_id, stage, manifest,"
            " metrics, bytes, endpoint_url, promoted_at) values ($1, $2, $3, $4, $5, $6, $7, 10,"
            " $8, case when $5 <> 'candidate' then now() end) returning id",
            user.id,
            model_id,
            number,
            uuid4(),
            stage,
            MANIFEST | manifest,
            {"accuracy": number / 10},
            url,
        )
    return version_id
