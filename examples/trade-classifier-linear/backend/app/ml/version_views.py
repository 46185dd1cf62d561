"""Versions of data sets as they are answered."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import asyncpg
from pydantic import BaseModel, Field

from app.core.storage import Storage
from app.ml.tables import Preview
from app.ml.version_store import read_preview


class DataProblem(BaseModel, extra="allow"):
    """What a recipe's check found in the data."""

    row: int | None = Field(None, examples=[7])
    column: str | None = Field(None, examples=["trade"])
    message: str = Field(examples=["The label is missing."])


class DatasetVersion(BaseModel):
    id: UUID
    dataset_id: UUID
    number: int = Field(examples=[3])
    source: Literal["upload", "url", "table", "hub", "corrections"]
    source_name: str = Field(examples=["statements.csv"])
    suffix: str = Field(description="Blank where only a name is kept.", examples=[".csv"])
    sha256: str | None
    bytes: int | None
    row_count: int | None = Field(examples=[1200])
    columns: dict[str, str] = Field(
        description="Column of the file for each field of the task.",
        examples=[{"text": "statement", "label": "trade"}],
    )
    status: Literal["unchecked", "valid", "invalid"]
    recipe: str | None = Field(description="Whose check set the status.")
    problem_count: int
    created_at: datetime


class DatasetVersionDetail(DatasetVersion):
    problems: list[DataProblem] = Field(description="The first ones that the check found.")
    notes: list[str]
    summary: dict[str, Any]
    preview: Preview | None = Field(description="Null where only a name is kept.")


async def detail_of(storage: Storage, row: asyncpg.Record) -> DatasetVersionDetail:
    preview = await read_preview(storage, row["owner_id"], row["id"])
    values: dict[str, Any] = dict(row)
    return DatasetVersionDetail(**values, preview=preview)
