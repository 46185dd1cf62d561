"""Batches: a CSV file goes in, a job answers its rows."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import TypeAdapter, ValidationError

from app.core.auth import CurrentUser
from app.core.database import AppDatabase
from app.core.idempotency import Idempotency, IdempotencyKey
from app.core.limits import UploadRoute
from app.core.multipart import open_upload
from app.core.problems import Fault, Problem, documented, invalid, invalid_field
from app.core.storage import AppStorage, job_path
from app.ml.models import find_model
from app.ml.names import ModelPath
from app.ml.queue import JobAccepted, NewJob, accepted, create_job
from app.ml.rows import TableError
from app.ml.sources import unreadable
from app.ml.tables import inspect

MAPPING = TypeAdapter(dict[str, str])
PRODUCTION = """
select id, manifest -> 'input' as input from ml_model_versions
where model_id = $1 and stage = 'production'
"""

Columns = Annotated[
    str,
    Query(
        max_length=10_000,
        description="Column of the file for each field of the input, as JSON; "
        "a field that is left out has a column of its own name.",
        examples=['{"text": "statement"}'],
    ),
]
FORM = {
    "schema": {
        "type": "object",
        "required": ["file"],
        "properties": {"file": {"type": "string", "format": "binary", "description": "CSV."}},
    },
    "example": {"file": "statement\nBend conduit.\n"},
}

router = APIRouter(prefix="/models/{name}", tags=["predictions"], route_class=UploadRoute)


@router.post(
    "/batch",
    operation_id="predict_batch",
    status_code=202,
    responses=documented(400, 401, 404, 409, 413, 415, 422, 429, 503),
    openapi_extra={"requestBody": {"required": True, "content": {"multipart/form-data": FORM}}},
)
async def predict_batch(
    name: ModelPath,
    request: Request,
    response: Response,
    user: CurrentUser,
    database: AppDatabase,
    storage: AppStorage,
    columns: Columns = "{}",
    key: IdempotencyKey = None,
) -> JobAccepted:
    """Answer all rows of a CSV file; the job's result is the file with the answers beside them."""
    async with database.as_user(user) as connection:
        model = await find_model(connection, user, name)
        version = await connection.fetchrow(PRODUCTION, model["id"])
    if version is None:
        raise Problem(409, f"The model '{name}' has no version in production: promote one first.")
    mapping = _mapping(columns)
    upload = await open_upload(request)
    async with storage.stage(upload.chunks) as staged:
        await _check(staged.path, mapping, version["input"])
        new = NewJob(
            "batch",
            model["recipe"],
            model_id=model["id"],
            model_version_id=version["id"],
            settings={"columns": mapping},
        )
        path = job_path(user.id, new.id, "input.csv")
        await storage.keep(staged, path)  # before the job, which a worker may take at once
    idempotency = Idempotency.of(key, "batch", name, mapping, staged.sha256)
    try:
        async with database.as_user(user) as connection:
            job = await create_job(connection, user, new, idempotency)
    except Problem:
        await storage.delete(path)
        raise
    if job["id"] != new.id:
        await storage.delete(path)
    return accepted(response, job)


def _mapping(columns: str) -> dict[str, str]:
    try:
        return MAPPING.validate_json(columns)
    except ValidationError:
        message = 'Give a JSON object such as {"text": "statement"}'
        raise invalid(Fault(location="query", field="columns", message=message)) from None


async def _check(path: Path, columns: dict[str, str], schema: dict[str, Any]) -> None:
    """The file is a table that has what the model needs."""
    try:
        inspection = await asyncio.to_thread(inspect, path, ".csv")
    except TableError as error:
        raise unreadable("The file", error) from None
    found = [column.name for column in inspection.preview.columns]
    for field in columns.keys() - schema["properties"].keys():
        raise invalid_field(
            f"columns.{field}", f"The model takes {', '.join(schema['properties'])}"
        )
    for field in schema.get("required", []):
        column = columns.get(field, field)
        if column not in found:
            message = f"The file has no column '{column}' for '{field}'; it has {', '.join(found)}"
            raise invalid_field("columns", message)
