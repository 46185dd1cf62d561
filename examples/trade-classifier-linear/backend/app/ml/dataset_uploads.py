"""New versions of data sets: from a file, an address, a table, the hub, or corrections."""

from uuid import UUID

import asyncpg
from fastapi import APIRouter, Request, Response

from app.core.auth import CurrentUser, User
from app.core.database import AppDatabase
from app.core.downloads import AppDownloader
from app.core.limits import UploadRoute
from app.core.problems import documented
from app.core.settings import Settings
from app.core.storage import AppStorage
from app.ml.correction_rows import add_corrections
from app.ml.sources import (
    REQUEST_BODY,
    Arrival,
    CorrectionsSource,
    HubSource,
    Reader,
    TableSource,
    UrlSource,
    read_source,
)
from app.ml.version_store import NewVersion, check_dataset, insert, kept_files
from app.ml.version_views import DatasetVersionDetail, detail_of

router = APIRouter(route_class=UploadRoute, tags=["data sets"])


@router.post(
    "/datasets/{dataset_id}/versions",
    status_code=201,
    operation_id="create_dataset_version",
    summary="Add a version",
    responses=documented(400, 401, 404, 409, 413, 415, 422, 429, 502, 503, 504, 507),
    openapi_extra={"requestBody": REQUEST_BODY},
)
async def create_version(
    dataset_id: UUID,
    request: Request,
    response: Response,
    user: CurrentUser,
    database: AppDatabase,
    storage: AppStorage,
    downloader: AppDownloader,
) -> DatasetVersionDetail:
    """From a file, a public address, a table of yours, the Hugging Face hub, or corrections.

    A file is read to its end first: broken rows are answered with 422, each with its number.
    """
    await check_dataset(database, user, dataset_id)
    settings: Settings = request.app.state.settings
    reader = Reader(database, storage, downloader, settings.max_upload_bytes)
    if request.headers.get("content-type", "").startswith("application/json"):
        row = await _from_source(reader, request, user, dataset_id)
    else:
        async with reader.upload(request) as arrival:
            row = await _keep(reader, user, dataset_id, arrival)
    response.headers["Location"] = f"/ml/datasets/{dataset_id}/versions/{row['number']}"
    return await detail_of(storage, row)


async def _from_source(
    reader: Reader, request: Request, user: User, dataset: UUID
) -> asyncpg.Record:
    match await read_source(request):
        case HubSource(hub=name):
            async with reader.database.as_service() as connection:
                return await insert(connection, user.id, dataset, NewVersion("hub", name))
        case UrlSource() as source:
            async with reader.url(source) as arrival:
                return await _keep(reader, user, dataset, arrival)
        case TableSource() as source:
            async with reader.table(source, user) as arrival:
                return await _keep(reader, user, dataset, arrival)
        case CorrectionsSource(corrections_of=model):
            return await add_corrections(reader, user.id, dataset, model)


async def _keep(reader: Reader, user: User, dataset: UUID, arrival: Arrival) -> asyncpg.Record:
    async with (
        kept_files(reader.storage, user.id, arrival) as new,
        reader.database.as_service() as connection,
    ):
        return await insert(connection, user.id, dataset, new)
