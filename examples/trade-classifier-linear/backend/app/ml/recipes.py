"""Recipes: the model folders that a worker can train."""

from datetime import datetime
from typing import Any, Self

import asyncpg
from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.core.auth import CurrentUser
from app.core.database import AppDatabase
from app.core.problems import documented
from app.ml.job_settings import own_settings

RECIPES = "select * from ml_recipes order by name"

router = APIRouter(tags=["jobs"])


class Recipe(BaseModel):
    """A model folder that a worker can train."""

    name: str = Field(examples=["trade_classifier"])
    provider: str = Field(description="Where it is trained.", examples=["local"])
    title: str = Field(examples=["Text classification"])
    task: str = Field(examples=["text-classification"])
    algorithm: str = Field(examples=["lora"])
    columns: list[str] = Field(
        description="Fields that the data needs.", examples=[["text", "label"]]
    )
    metric: str = Field(description="That versions are compared by.", examples=["macro_f1"])
    has_estimate: bool = Field(
        default=False, description="Whether its trainings can be estimated: `POST /ml/estimates`."
    )
    settings: dict[str, Any] = Field(description="JSON schema of a training's settings.")
    input: dict[str, Any] = Field(description="JSON schema of what its models take.")
    output: dict[str, Any] = Field(description="JSON schema of what they answer.")
    updated_at: datetime

    @classmethod
    def of(cls, row: asyncpg.Record) -> Self:
        description: dict[str, Any] = row["description"]
        shown = description | {
            "name": row["name"],
            "provider": row["provider"],
            "updated_at": row["updated_at"],
            "settings": own_settings(description["settings"]),
        }
        return cls(**shown)


class Recipes(BaseModel):
    items: list[Recipe]
    next_cursor: None = Field(default=None, description="All are on this page.")


@router.get(
    "/recipes",
    operation_id="list_recipes",
    summary="List recipes",
    responses=documented(401, 429, 503),
)
async def list_recipes(user: CurrentUser, database: AppDatabase) -> Recipes:
    """The model folders that a worker can train, with the JSON schema of their settings."""
    async with database.as_user(user) as connection:
        rows = await connection.fetch(RECIPES)
    return Recipes(items=[Recipe.of(row) for row in rows])
