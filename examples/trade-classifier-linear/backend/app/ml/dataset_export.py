"""Data sets to take away, as JSONL or CSV."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from starlette.concurrency import iterate_in_threadpool

from app.core.auth import CurrentUser
from app.core.database import AppDatabase
from app.core.problems import Problem, documented
from app.core.storage import AppStorage, dataset_path
from app.ml.exports import column_names, to_csv, to_jsonl
from app.ml.names import VersionPath
from app.ml.tables import read_rows
from app.ml.version_store import find

MEDIA = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl"}
FORMATS = " or ".join(MEDIA)

router = APIRouter(tags=["data sets"])


@router.get(
    "/datasets/{dataset_id}/versions/{number}/file",
    operation_id="export_dataset_version",
    summary="Export a version",
    response_class=StreamingResponse,
    responses=documented(401, 404, 422, 429, 503)
    | {200: {"content": {media: {} for media in MEDIA.values()}}},
)
async def export_version(
    dataset_id: UUID,
    number: VersionPath,
    user: CurrentUser,
    database: AppDatabase,
    storage: AppStorage,
    format: Annotated[Literal["csv", "jsonl"], Query(description=FORMATS)] = "jsonl",
) -> StreamingResponse:
    """All rows. In CSV, a quote keeps spreadsheets from computing texts that look like formulas."""
    row = await find(database, user, dataset_id, number)
    if not row["suffix"]:
        raise Problem(404, f"The rows of {row['source_name']} are not kept here, only its name.")
    async with AsyncExitStack() as stack:
        path = dataset_path(user.id, row["id"], row["suffix"])
        file = await stack.enter_async_context(storage.local(path))
        body = _converted(stack.pop_all(), file, row["suffix"], format)
    name = quote(f"{re.sub(r'[.][a-z]+$', '', row['source_name'])}-v{number}.{format}", safe="")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return StreamingResponse(body, headers=headers, media_type=MEDIA[format])


async def _converted(
    stack: AsyncExitStack, file: Path, suffix: str, format: str
) -> AsyncIterator[bytes]:
    async with stack:
        if format == "csv":
            names = await asyncio.to_thread(column_names, read_rows(file, suffix))
            blocks = to_csv(read_rows(file, suffix), names)
        else:
            blocks = to_jsonl(read_rows(file, suffix))
        async for block in iterate_in_threadpool(blocks):
            yield block
