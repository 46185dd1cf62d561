"""Estimates of trainings: whether one fits, how long it takes and what it costs, before it is started."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from app.core.auth import CurrentUser
from app.core.database import AppDatabase
from app.core.idempotency import Idempotency, IdempotencyKey
from app.core.problems import documented
from app.core.values import JsonObject
from app.ml.queue import JobAccepted, NewJob, accepted, create_job
from app.ml.sources import NAME
from app.ml.trainings import check_data, check_settings

router = APIRouter(tags=["jobs"])


class EstimateCreate(BaseModel, extra="forbid"):
    recipe: Annotated[str, NAME] = Field(
        description="Model folder: see `GET /ml/recipes`.", examples=["trade_classifier"]
    )
    dataset_version_id: UUID = Field(description="What it would learn from.")
    settings: JsonObject = Field(
        default={},
        description="As the recipe's schema says; what is left out has its default.",
        examples=[{"epochs": 3}],
    )


@router.post(
    "/estimates",
    status_code=202,
    operation_id="create_estimate",
    summary="Estimate a training",
    responses=documented(400, 401, 404, 409, 422, 429, 503),
)
async def create_estimate(
    body: EstimateCreate,
    response: Response,
    user: CurrentUser,
    database: AppDatabase,
    key: IdempotencyKey = None,
) -> JobAccepted:
    """A job, which costs nothing: its `result` has memory, seconds and USD on each GPU, the cheapest first."""
    idempotency = Idempotency.of(key, "estimate", body.model_dump(mode="json"))
    async with database.as_user(user) as connection:
        await check_settings(connection, body.recipe, body.settings)
        await check_data(connection, body.dataset_version_id)
        job = NewJob(
            "estimate",
            body.recipe,
            dataset_version_id=body.dataset_version_id,
            settings=body.settings,
        )
        row = await create_job(connection, user, job, idempotency)
    return accepted(response, row)
