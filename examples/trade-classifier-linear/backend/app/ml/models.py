"""Models: names under which versions are trained, compared and served."""

from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.core.auth import CurrentUser
from app.core.database import AppDatabase, Connection
from app.core.pagination import Page, Pages
from app.core.problems import Problem, documented, not_found
from app.core.storage import AppStorage, artifact_path
from app.ml.names import ModelName, ModelPath

MODEL = """
select m.*, p.number as production, p.metrics, p.endpoint_url is not null as is_served,
  (select count(*) from ml_model_versions c where c.model_id = m.id) as versions
from ml_models m
left join ml_model_versions p on p.model_id = m.id and p.stage = 'production'
where m.owner_id = $1
"""
LIST = f"{MODEL} and (m.created_at, m.id) < ($2, $3) order by m.created_at desc, m.id desc limit $4"
GET = f"{MODEL} and m.name = $2"
SCHEMAS = """
select coalesce(
  (
    select manifest from ml_model_versions where model_id = $1
    order by (stage = 'production') desc, number desc limit 1
  ),
  (select description from ml_recipes where name = $2)
)
"""
ACTIVE = "select id from ml_jobs where model_id = $1 and status in ('queued', 'running') limit 1"
VERSIONS = "select id from ml_model_versions where model_id = $1"

router = APIRouter(prefix="/models", tags=["models"])


class Model(BaseModel):
    id: UUID
    name: ModelName
    recipe: str = Field(description="Model folder that trains it.", examples=["trade_classifier"])
    versions: int = Field(examples=[3])
    production: int | None = Field(description="Number of the version that answers.", examples=[3])
    is_served: bool = Field(description="Whether that version's server is there.")
    metrics: dict[str, Any] | None = Field(
        description="Of the version in production.", examples=[{"accuracy": 0.54}]
    )
    created_at: datetime


class ModelDetail(Model):
    task: str | None = Field(examples=["text-classification"])
    labels: list[str] = Field(description="That it knows; empty where there are none.")
    input: dict[str, Any] | None = Field(description="JSON schema of what it takes.")
    output: dict[str, Any] | None = Field(description="JSON schema of what it answers.")


@router.get("", operation_id="list_models", responses=documented(401, 422, 429, 503))
async def list_models(user: CurrentUser, database: AppDatabase, pages: Pages) -> Page[Model]:
    """All models of the user, the newest first."""
    async with database.as_user(user) as connection:
        rows = await connection.fetch(LIST, user.id, *pages.after, pages.fetch)
    return pages.page(rows, lambda row: Model.model_validate(dict(row)))


@router.get("/{name}", operation_id="get_model", responses=documented(401, 404, 422, 429, 503))
async def get_model(name: ModelPath, user: CurrentUser, database: AppDatabase) -> ModelDetail:
    """A model, and what it takes and answers."""
    async with database.as_user(user) as connection:
        row = await find_model(connection, user, name)
        found = await connection.fetchval(SCHEMAS, row["id"], row["recipe"]) or {}
    return ModelDetail(
        **dict(row),
        task=found.get("task"),
        labels=found.get("labels", []),
        input=found.get("input"),
        output=found.get("output"),
    )


@router.delete(
    "/{name}",
    operation_id="delete_model",
    status_code=204,
    responses=documented(401, 404, 409, 422, 429, 503),
)
async def delete_model(
    name: ModelPath, user: CurrentUser, database: AppDatabase, storage: AppStorage
) -> None:
    """Delete the model with its versions, jobs and predictions; the worker ends its server."""
    async with database.as_user(user) as connection:
        row = await find_model(connection, user, name)
        if job := await connection.fetchval(ACTIVE, row["id"]):
            raise Problem(409, f"Job {job} works on the model '{name}': cancel it first.")
        versions = await connection.fetch(VERSIONS, row["id"])
        await connection.execute("delete from ml_models where id = $1", row["id"])
    for version in versions:
        await storage.delete_folder(artifact_path(user.id, version["id"]))


async def find_model(connection: Connection, user: CurrentUser, name: str) -> asyncpg.Record:
    """The user's model of this name.

    Raises:
        Problem: There is none.
    """
    row = await connection.fetchrow(GET, user.id, name)
    if row is None:
        raise not_found(f"model '{name}'")
    return row
