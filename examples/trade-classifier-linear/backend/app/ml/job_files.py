"""What jobs leave: the log of a run, and the answers of a batch."""

from collections.abc import AsyncIterator
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from app.core.auth import CurrentUser
from app.core.database import AppDatabase
from app.core.problems import Problem, documented
from app.core.storage import AppStorage, Missing, job_path
from app.ml.job_views import find_job

router = APIRouter(tags=["jobs"])


@router.get(
    "/jobs/{job_id}/log",
    operation_id="get_job_log",
    summary="Read the log",
    response_class=StreamingResponse,
    responses=documented(401, 404, 422, 429, 503) | {200: {"content": {"text/plain": {}}}},
)
async def get_log(
    job_id: UUID, user: CurrentUser, database: AppDatabase, storage: AppStorage
) -> StreamingResponse:
    """What the run has printed so far."""
    await find_job(database, user, job_id)
    try:
        chunks = await storage.read(job_path(user.id, job_id, "log.txt"))
    except Missing:
        raise Problem(404, "The job has printed nothing yet.") from None
    return _stream(chunks, "text/plain; charset=utf-8")


@router.get(
    "/jobs/{job_id}/result",
    operation_id="get_job_result",
    summary="Download a batch's answers",
    response_class=StreamingResponse,
    responses=documented(401, 404, 409, 422, 429, 503) | {200: {"content": {"text/csv": {}}}},
)
async def get_result(
    job_id: UUID, user: CurrentUser, database: AppDatabase, storage: AppStorage
) -> StreamingResponse:
    """The rows of the file with the model's answers, as CSV."""
    job = await find_job(database, user, job_id)
    if job.kind != "batch":
        raise Problem(409, f"A job of the kind '{job.kind}' has no file as its result.")
    if job.status != "succeeded":
        raise Problem(409, f"The job is {job.status}; its result is there once it has succeeded.")
    chunks = await storage.read(job_path(user.id, job_id, "output.csv"))
    return _stream(chunks, "text/csv; charset=utf-8", f'attachment; filename="{job_id}.csv"')


def _stream(
    chunks: AsyncIterator[bytes], media_type: str, disposition: str = "inline"
) -> StreamingResponse:
    headers = {
        "Content-Disposition": disposition,
        "X-Content-Type-Options": "nosniff",
    }
    return StreamingResponse(chunks, headers=headers, media_type=media_type)
