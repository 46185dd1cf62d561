"""Jobs: start a training, see how it goes, end it, go on with it."""

from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from app.core.auth import CurrentUser
from app.core.database import AppDatabase
from app.core.etags import IfNoneMatch, answer_if_new
from app.core.idempotency import Idempotency, IdempotencyKey
from app.core.pagination import Page, Pages
from app.core.problems import documented
from app.core.values import JsonObject
from app.ml import estimates, job_control, job_files, recipes
from app.ml.job_views import JOB, JobPublic, Kind, Status, find_job
from app.ml.names import ModelName
from app.ml.queue import JobAccepted, accepted
from app.ml.trainings import Training, start

LIST = f"""
{JOB}
where (j.created_at, j.id) < ($1, $2)
  and ($4::text is null or j.status = $4) and ($5::text is null or j.kind = $5)
  and ($6::text is null or m.name = $6)
order by j.created_at desc, j.id desc limit $3
"""

router = APIRouter(tags=["jobs"])
for part in (recipes, estimates, job_files):
    router.include_router(part.router)


class TrainingCreate(BaseModel, extra="forbid"):
    kind: Literal["train"] = "train"
    model: ModelName = Field(description="Created if it is new.", examples=["trades"])
    recipe: str | None = Field(
        default=None,
        max_length=200,
        description="Model folder; needed for a new model: see `GET /ml/recipes`.",
        examples=["trade_classifier"],
    )
    dataset_version_id: UUID = Field(description="What to learn from.")
    settings: JsonObject = Field(
        default={},
        description="As the recipe's schema says; what is left out has its default.",
        examples=[{"epochs": 3}],
    )
    cost_limit_usd: Decimal | None = Field(
        default=None,
        gt=0,
        max_digits=10,
        decimal_places=4,
        description="It is stopped when this is reached, and keeps a checkpoint.",
        examples=[2.5],
    )


@router.post(
    "/jobs",
    status_code=202,
    operation_id="create_job",
    summary="Start a training",
    responses=documented(400, 401, 404, 409, 422, 429, 503),
)
async def create_training(
    body: TrainingCreate,
    response: Response,
    user: CurrentUser,
    database: AppDatabase,
    key: IdempotencyKey = None,
) -> JobAccepted:
    """It becomes a version of the model; follow it at `/ml/jobs/{job_id}/events`."""
    training = Training(
        body.model, body.recipe, body.dataset_version_id, body.settings, body.cost_limit_usd
    )
    idempotency = Idempotency.of(key, "train", body.model_dump(mode="json"))
    async with database.as_user(user) as connection:
        job = await start(connection, user, training, idempotency)
    return accepted(response, job)


@router.get(
    "/jobs",
    operation_id="list_jobs",
    summary="List jobs",
    responses=documented(401, 422, 429, 503),
)
async def list_jobs(
    user: CurrentUser,
    database: AppDatabase,
    pages: Pages,
    status: Status | None = None,
    kind: Kind | None = None,
    model: Annotated[ModelName | None, Query(description="Name of a model.")] = None,
) -> Page[JobPublic]:
    """Newest first."""
    async with database.as_user(user) as connection:
        rows = await connection.fetch(LIST, *pages.after, pages.fetch, status, kind, model)
    return pages.page(rows, JobPublic.of)


@router.get(
    "/jobs/{job_id}",
    operation_id="get_job",
    summary="Get a job",
    response_model=JobPublic,
    responses=documented(401, 404, 422, 429, 503) | {304: {"description": "Not changed."}},
)
async def get_job(
    job_id: UUID,
    user: CurrentUser,
    database: AppDatabase,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Its state, progress, cost and result."""
    return answer_if_new(await find_job(database, user, job_id), if_none_match)


@router.post(
    "/jobs/{job_id}/cancel",
    operation_id="cancel_job",
    summary="Cancel a job",
    responses=documented(401, 404, 409, 422, 429, 503),
)
async def cancel_job(job_id: UUID, user: CurrentUser, database: AppDatabase) -> JobPublic:
    """One that waits is cancelled at once; one that runs as soon as its provider has ended it."""
    await job_control.cancel(database, user, job_id)
    return await find_job(database, user, job_id)


@router.post(
    "/jobs/{job_id}/resume",
    operation_id="resume_job",
    summary="Resume a job",
    responses=documented(401, 404, 409, 422, 429, 503),
)
async def resume_job(job_id: UUID, user: CurrentUser, database: AppDatabase) -> JobPublic:
    """Queue a failed, stopped or cancelled job again: it goes on from its checkpoint."""
    await job_control.resume(database, user, job_id)
    return await find_job(database, user, job_id)
