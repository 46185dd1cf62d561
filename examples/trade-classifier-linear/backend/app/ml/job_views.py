"""Jobs as they are answered."""

from datetime import datetime
from typing import Any, Literal, Self
from uuid import UUID

import asyncpg
from pydantic import BaseModel, Field

from app.core.auth import User
from app.core.database import Database
from app.core.problems import not_found

JOB = "select j.*, m.name as model from ml_jobs j left join ml_models m on m.id = j.model_id"
Kind = Literal["check", "estimate", "train", "deploy", "batch"]
Status = Literal["queued", "running", "succeeded", "stopped", "failed", "cancelled"]


class JobPublic(BaseModel):
    id: UUID
    kind: Kind = Field(examples=["train"])
    status: Status = Field(examples=["running"])
    recipe: str = Field(examples=["trade_classifier"])
    provider: str = Field(description="Where it runs.", examples=["local"])
    model: str | None = Field(description="Name of the model.", examples=["trades"])
    model_version_id: UUID | None
    dataset_version_id: UUID | None
    settings: dict[str, Any] = Field(examples=[{"epochs": 3}])
    cost_limit_usd: float | None = Field(examples=[2.5])
    cost_usd: float = Field(description="So far.", examples=[0.42])
    progress: dict[str, Any] = Field(description="What the run last said about how far it is.")
    result: dict[str, Any]
    error: str | None = Field(description="Why it ended or was tried again.")
    attempts: int
    max_attempts: int
    is_cancelling: bool = Field(description="It was told to end, and has not yet.")
    last_event: int = Field(description="Number of its newest event.", examples=[17])
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @classmethod
    def of(cls, row: asyncpg.Record) -> Self:
        is_over = row["status"] not in ("queued", "running")
        values: dict[str, Any] = dict(row)
        return cls(**values, is_cancelling=bool(row["cancel_requested_at"]) and not is_over)


async def find_job(database: Database, user: User, job_id: UUID) -> JobPublic:
    """
    Raises:
        Problem: The user has no such job.
    """
    async with database.as_user(user) as connection:
        row = await connection.fetchrow(f"{JOB} where j.id = $1", job_id)
    if row is None:
        raise not_found(f"job {job_id}")
    return JobPublic.of(row)
