"""Versions of a model: what each training left, side by side and one by one."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from app.core.auth import CurrentUser
from app.core.database import AppDatabase, Connection
from app.core.pagination import Page, Pages
from app.core.problems import Fault, documented, invalid, not_found
from app.core.storage import AppStorage, artifact_path
from app.core.tar import stream_tar, tar_size
from app.ml.models import find_model
from app.ml.names import ModelPath, VersionPath
from app.worker.arguments import RESERVED

DATASET = """
select json_build_object('id', s.id, 'name', s.name, 'version', d.number)
from ml_dataset_versions d join ml_datasets s on s.id = d.dataset_id
where d.id = v.dataset_version_id
"""
LIST = f"""
select v.*, ({DATASET}) as dataset from ml_model_versions v
where v.model_id = $1 and (v.created_at, v.id) < ($2, $3)
order by v.created_at desc, v.id desc limit $4
"""
GET = f"""
select v.*, m.recipe, ({DATASET}) as dataset
from ml_model_versions v join ml_models m on m.id = v.model_id
where m.owner_id = $1 and m.name = $2 and v.number = any($3) order by v.number
"""
MOST_COMPARED = 10
# The report is a page of a training, not of this site: it runs nothing, and loads nothing.
REPORT_HEADERS = {
    "Content-Security-Policy": (
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:"
    ),
    "X-Content-Type-Options": "nosniff",
}

router = APIRouter(prefix="/models/{name}", tags=["models"])


class LearntFrom(BaseModel):
    id: UUID = Field(description="Of the data set.")
    name: str = Field(examples=["Trade statements"])
    version: int = Field(description="Number of its version.", examples=[3])


class Version(BaseModel):
    id: UUID
    number: int = Field(examples=[3])
    stage: Literal["candidate", "production", "archived"]
    metrics: dict[str, Any] = Field(examples=[{"accuracy": 0.54, "macro_f1": 0.51}])
    bytes: int = Field(description="Size of the artifact.", examples=[1_204_224])
    job_id: UUID = Field(description="The training.")
    dataset_version_id: UUID | None
    dataset: LearntFrom | None = Field(description="Null where it has been deleted.")
    promoted_at: datetime | None = Field(description="When it last came into production.")
    created_at: datetime


class VersionDetail(Version):
    manifest: dict[str, Any] = Field(
        description="Data, settings, metrics, environment and files, as the training wrote them.",
        examples=[
            {"task": "text-classification", "algorithm": "linear", "version": "60b4c895317a"}
        ],
    )


class Compared(BaseModel):
    number: int = Field(examples=[3])
    stage: Literal["candidate", "production", "archived"]


class Row(BaseModel):
    name: str = Field(examples=["accuracy"])
    values: list[Any] = Field(description="One for each version.", examples=[[0.51, 0.54]])
    differs: bool


class Comparison(BaseModel):
    versions: list[Compared]
    metrics: list[Row]
    settings: list[Row]


@router.get(
    "/versions", operation_id="list_versions", responses=documented(401, 404, 422, 429, 503)
)
async def list_versions(
    name: ModelPath, user: CurrentUser, database: AppDatabase, pages: Pages
) -> Page[Version]:
    """All versions of a model, the newest first."""
    async with database.as_user(user) as connection:
        model = await find_model(connection, user, name)
        rows = await connection.fetch(LIST, model["id"], *pages.after, pages.fetch)
    return pages.page(rows, lambda row: Version.model_validate(dict(row)))


@router.get(
    "/versions/{number}",
    operation_id="get_version",
    responses=documented(401, 404, 422, 429, 503),
)
async def get_version(
    name: ModelPath, number: VersionPath, user: CurrentUser, database: AppDatabase
) -> VersionDetail:
    """A version with its manifest."""
    async with database.as_user(user) as connection:
        row = await find_version(connection, user, name, number)
    return VersionDetail.model_validate(dict(row))


@router.get(
    "/versions/{number}/report",
    operation_id="get_report",
    response_class=StreamingResponse,
    responses={
        200: {"content": {"text/html": {"example": "<!doctype html><title>Report</title>"}}},
        **documented(401, 404, 422, 429, 503),
    },
)
async def get_report(
    name: ModelPath,
    number: VersionPath,
    user: CurrentUser,
    database: AppDatabase,
    storage: AppStorage,
) -> StreamingResponse:
    """The training's report, a self-contained page."""
    async with database.as_user(user) as connection:
        row = await find_version(connection, user, name, number)
    page = await storage.read(f"{artifact_path(user.id, row['id'])}/report.html")
    return StreamingResponse(page, headers=REPORT_HEADERS, media_type="text/html")


@router.get(
    "/versions/{number}/artifact",
    operation_id="get_artifact",
    response_class=StreamingResponse,
    responses={
        200: {
            "content": {
                "application/x-tar": {
                    "schema": {"type": "string", "format": "binary"},
                    "example": "(a tar file)",
                }
            }
        },
        **documented(401, 404, 422, 429, 503),
    },
)
async def get_artifact(
    name: ModelPath,
    number: VersionPath,
    user: CurrentUser,
    database: AppDatabase,
    storage: AppStorage,
) -> StreamingResponse:
    """All files of the version, to serve it elsewhere."""
    async with database.as_user(user) as connection:
        row = await find_version(connection, user, name, number)
    path = artifact_path(user.id, row["id"])
    sizes = await storage.list_folder(path)
    headers = {
        "Content-Disposition": f'attachment; filename="{name}-{number}.tar"',
        "Content-Length": str(tar_size(sizes)),
    }
    tar = stream_tar(storage, path, sizes)
    return StreamingResponse(tar, headers=headers, media_type="application/x-tar")


@router.get(
    "/compare", operation_id="compare_versions", responses=documented(401, 404, 422, 429, 503)
)
async def compare_versions(
    name: ModelPath,
    user: CurrentUser,
    database: AppDatabase,
    versions: Annotated[
        str,
        Query(
            pattern=r"^\d{1,9}(,\d{1,9})*$",
            description="Numbers of the versions, with commas between.",
            examples=["1,2"],
        ),
    ],
) -> Comparison:
    """Metrics and settings of some versions, side by side."""
    numbers = sorted({int(number) for number in versions.split(",")})
    if len(numbers) > MOST_COMPARED:
        message = f"At most {MOST_COMPARED} versions are compared"
        raise invalid(Fault(location="query", field="versions", message=message))
    async with database.as_user(user) as connection:
        rows = await connection.fetch(GET, user.id, name, numbers)
    if missing := sorted(set(numbers) - {row["number"] for row in rows}):
        raise not_found(f"version {missing[0]} of a model '{name}'")
    return Comparison(
        versions=[Compared(number=row["number"], stage=row["stage"]) for row in rows],
        metrics=_side_by_side([row["metrics"] for row in rows]),
        settings=_side_by_side([_own_settings(row["manifest"]) for row in rows]),
    )


async def find_version(
    connection: Connection, user: CurrentUser, model: str, number: int
) -> asyncpg.Record:
    """The version, with its model's recipe.

    Raises:
        Problem: There is none.
    """
    row = await connection.fetchrow(GET, user.id, model, [number])
    if row is None:
        raise not_found(f"version {number} of a model '{model}'")
    return row


def _own_settings(manifest: dict[str, Any]) -> dict[str, Any]:
    """What the user chose, or left at its default; the worker set the rest."""
    config = manifest.get("config", {})
    return {name: value for name, value in config.items() if name not in RESERVED}


def _side_by_side(columns: list[dict[str, Any]]) -> list[Row]:
    names = list(dict.fromkeys(name for column in columns for name in column))
    return [
        Row(name=name, values=values, differs=any(value != values[0] for value in values))
        for name in names
        for values in [[column.get(name) for column in columns]]
    ]
