"""Versions of data sets: what is in them, and whether a model can learn it."""

import difflib
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field, StringConstraints

from app.core.auth import CurrentUser
from app.core.database import AppDatabase
from app.core.etags import IfNoneMatch, answer_if_new
from app.core.idempotency import Idempotency, IdempotencyKey
from app.core.pagination import Page, Pages
from app.core.problems import documented, invalid_field, not_found
from app.core.storage import AppStorage
from app.ml.names import VersionPath
from app.ml.queue import JobAccepted, NewJob, accepted, create_job
from app.ml.sources import NAME
from app.ml.tables import Preview
from app.ml.version_store import check_dataset, find, read_preview
from app.ml.version_views import DatasetVersion, DatasetVersionDetail, detail_of

PATH = "/datasets/{dataset_id}/versions"
VERSION = PATH + "/{number}"
LIST = """
select * from ml_dataset_versions
where dataset_id = $1 and (created_at, id) < ($2, $3)
order by created_at desc, id desc limit $4
"""
FIND = "select * from ml_dataset_versions where id = $1"
MAP = """
update ml_dataset_versions
set columns = $4, status = 'unchecked', recipe = null, problems = '[]', problem_count = 0,
  notes = '[]', summary = '{}'
where dataset_id = $1 and number = $2 and owner_id = $3
returning *
"""
FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z_][a-z0-9_]{0,62}$")]

router = APIRouter(tags=["data sets"])


class Mapping(BaseModel, extra="forbid"):
    columns: dict[FieldName, Annotated[str, NAME]] = Field(
        max_length=100, examples=[{"text": "statement", "label": "trade"}]
    )


class Check(BaseModel, extra="forbid"):
    recipe: Annotated[str, NAME] = Field(
        description="Model folder that checks the data: see `GET /ml/recipes`.", examples=["trades"]
    )


@router.get(
    PATH,
    operation_id="list_dataset_versions",
    summary="List versions",
    responses=documented(401, 404, 422, 429, 503),
)
async def list_versions(
    dataset_id: UUID, user: CurrentUser, database: AppDatabase, pages: Pages
) -> Page[DatasetVersion]:
    """Newest first."""
    await check_dataset(database, user, dataset_id)
    async with database.as_user(user) as connection:
        rows = await connection.fetch(LIST, dataset_id, *pages.after, pages.fetch)
    return pages.page(rows, lambda row: DatasetVersion(**dict(row)))


@router.get(
    VERSION,
    operation_id="get_dataset_version",
    summary="Get a version",
    response_model=DatasetVersionDetail,
    responses=documented(401, 404, 422, 429, 503) | {304: {"description": "Not changed."}},
)
async def get_version(
    dataset_id: UUID,
    number: VersionPath,
    user: CurrentUser,
    database: AppDatabase,
    storage: AppStorage,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """With its first rows, its columns, and what a check found."""
    detail = await detail_of(storage, await find(database, user, dataset_id, number))
    return answer_if_new(detail, if_none_match)


@router.get(
    "/dataset-versions/{version_id}",
    operation_id="find_dataset_version",
    summary="Find a version",
    responses=documented(401, 404, 422, 429, 503),
)
async def find_version(
    version_id: UUID, user: CurrentUser, database: AppDatabase
) -> DatasetVersion:
    """By the id that jobs and models name it by."""
    async with database.as_user(user) as connection:
        row = await connection.fetchrow(FIND, version_id)
    if row is None:
        raise not_found(f"version {version_id} of a data set")
    return DatasetVersion(**dict(row))


@router.patch(
    VERSION,
    operation_id="map_dataset_version",
    summary="Map columns",
    responses=documented(400, 401, 404, 422, 429, 503),
)
async def map_version(
    dataset_id: UUID,
    number: VersionPath,
    body: Mapping,
    user: CurrentUser,
    database: AppDatabase,
    storage: AppStorage,
) -> DatasetVersionDetail:
    """Say which column holds each field; what is left out is guessed by the check that follows."""
    row = await find(database, user, dataset_id, number)
    _check_columns(body.columns, await read_preview(storage, user.id, row["id"]))
    async with database.as_service() as connection:
        mapped = await connection.fetchrow(MAP, dataset_id, number, user.id, body.columns)
    if mapped is None:
        raise not_found(f"version {number} of the data set {dataset_id}")
    return await detail_of(storage, mapped)


@router.post(
    f"{VERSION}/check",
    status_code=202,
    operation_id="check_dataset_version",
    summary="Check a version",
    responses=documented(400, 401, 404, 409, 422, 429, 503),
)
async def check_version(
    dataset_id: UUID,
    number: VersionPath,
    body: Check,
    response: Response,
    user: CurrentUser,
    database: AppDatabase,
    key: IdempotencyKey = None,
) -> JobAccepted:
    """A job: it sets status, problems and notes of the version."""
    version = await find(database, user, dataset_id, number)
    job = NewJob("check", body.recipe, dataset_version_id=version["id"])
    idempotency = Idempotency.of(key, "check", version["id"], body.recipe)
    async with database.as_user(user) as connection:
        row = await create_job(connection, user, job, idempotency)
    return accepted(response, row)


def _check_columns(columns: dict[str, str], preview: Preview | None) -> None:
    names = [column.name for column in preview.columns] if preview else columns.values()
    for field, column in columns.items():
        if column not in names:
            near = difflib.get_close_matches(column, names, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"choose one of {', '.join(names)}"
            raise invalid_field(f"columns.{field}", f"The file has no column '{column}'; {hint}")
