"""Data sets: named collections of examples, with a version for each state they were in."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Response
from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from app.core.auth import CurrentUser
from app.core.database import AppDatabase, Connection
from app.core.pagination import Page, Pages
from app.core.problems import Problem, documented, not_found
from app.core.storage import AppStorage, job_path
from app.core.values import storable
from app.ml import dataset_export, dataset_uploads, dataset_versions
from app.ml.version_store import delete_files

LIST = """
select d.id, d.name, d.created_at, v.number as newest_version, v.row_count, v.status
from ml_datasets d
left join lateral (
  select number, row_count, status from ml_dataset_versions
  where dataset_id = d.id order by number desc limit 1
) v on true
"""
VERSIONS = "select id, owner_id, suffix from ml_dataset_versions where dataset_id = $1"
JOBS = "select id, owner_id from ml_jobs where dataset_version_id = any($1)"

DatasetName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(storable),
]

router = APIRouter(tags=["data sets"])
for part in (dataset_uploads, dataset_versions, dataset_export):
    router.include_router(part.router)


class DatasetWrite(BaseModel):
    name: DatasetName = Field(examples=["statements"])


class DatasetPublic(BaseModel):
    id: UUID
    name: str = Field(examples=["statements"])
    newest_version: int | None = Field(examples=[3])
    row_count: int | None = Field(description="Of the newest version.", examples=[1200])
    status: str | None = Field(description="Of the newest version.", examples=["valid"])
    created_at: datetime


@router.post(
    "/datasets",
    status_code=201,
    operation_id="create_dataset",
    summary="Create a data set",
    responses=documented(400, 401, 409, 422, 429, 503),
)
async def create_dataset(
    body: DatasetWrite, user: CurrentUser, database: AppDatabase, response: Response
) -> DatasetPublic:
    """It has no version yet: add one with `POST /ml/datasets/{dataset_id}/versions`."""
    insert = "insert into ml_datasets (name) values ($1) returning id"
    try:
        async with database.as_user(user) as connection:
            created = await _find(connection, await connection.fetchval(insert, body.name))
    except asyncpg.UniqueViolationError:
        raise _taken(body.name) from None
    response.headers["Location"] = f"/ml/datasets/{created.id}"
    return created


@router.get(
    "/datasets",
    operation_id="list_datasets",
    summary="List data sets",
    responses=documented(401, 422, 429, 503),
)
async def list_datasets(
    user: CurrentUser, database: AppDatabase, pages: Pages
) -> Page[DatasetPublic]:
    """Newest first."""
    query = f"{LIST} where (d.created_at, d.id) < ($1, $2) order by d.created_at desc, d.id desc"
    async with database.as_user(user) as connection:
        rows = await connection.fetch(f"{query} limit $3", *pages.after, pages.fetch)
    return pages.page(rows, _present)


@router.get(
    "/datasets/{dataset_id}",
    operation_id="get_dataset",
    summary="Get a data set",
    responses=documented(401, 404, 422, 429, 503),
)
async def get_dataset(dataset_id: UUID, user: CurrentUser, database: AppDatabase) -> DatasetPublic:
    """Its name, and the state of its newest version."""
    async with database.as_user(user) as connection:
        return await _find(connection, dataset_id)


@router.patch(
    "/datasets/{dataset_id}",
    operation_id="rename_dataset",
    summary="Rename a data set",
    responses=documented(400, 401, 404, 409, 422, 429, 503),
)
async def rename_dataset(
    dataset_id: UUID, body: DatasetWrite, user: CurrentUser, database: AppDatabase
) -> DatasetPublic:
    """The name is for people: everything else goes by the id."""
    try:
        async with database.as_user(user) as connection:
            await connection.execute(
                "update ml_datasets set name = $2 where id = $1", dataset_id, body.name
            )
            return await _find(connection, dataset_id)
    except asyncpg.UniqueViolationError:
        raise _taken(body.name) from None


@router.delete(
    "/datasets/{dataset_id}",
    status_code=204,
    operation_id="delete_dataset",
    summary="Delete a data set",
    responses=documented(401, 404, 409, 422, 429, 503),
)
async def delete_dataset(
    dataset_id: UUID, user: CurrentUser, database: AppDatabase, storage: AppStorage
) -> None:
    """With its versions, their files, and the jobs that used them; models stay."""
    try:
        async with database.as_user(user) as connection:
            versions = await connection.fetch(VERSIONS, dataset_id)
            jobs = await connection.fetch(JOBS, [version["id"] for version in versions])
            done = await connection.execute("delete from ml_datasets where id = $1", dataset_id)
    except asyncpg.ObjectInUseError:
        detail = "A job works on this data set; cancel the job first."
        raise Problem(409, detail) from None
    if done == "DELETE 0":
        raise not_found(f"data set {dataset_id}")
    for version in versions:
        await delete_files(storage, version["owner_id"], version["id"], version["suffix"])
    for job in jobs:
        await storage.delete(job_path(job["owner_id"], job["id"], "log.txt"))


async def _find(connection: Connection, dataset: UUID) -> DatasetPublic:
    row = await connection.fetchrow(f"{LIST} where d.id = $1", dataset)
    if row is None:
        raise not_found(f"data set {dataset}")
    return _present(row)


def _present(row: asyncpg.Record) -> DatasetPublic:
    values: dict[str, Any] = dict(row)
    return DatasetPublic(**values)


def _taken(name: str) -> Problem:
    return Problem(409, f"There is a data set '{name}' already; choose another name.")
