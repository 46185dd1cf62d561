"""Corrections: what a prediction should have been, for the next version of a data set."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Query
from jsonschema import Draft202012Validator
from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from app.core.auth import CurrentUser
from app.core.database import AppDatabase
from app.core.pagination import Page, Pages
from app.core.problems import Fault, documented, invalid, invalid_field, not_found
from app.core.values import JsonObject, storable
from app.ml.names import ModelName

# Of the version that answered, or of the recipe where a fallback did.
SCHEMA = """
select coalesce(v.manifest -> 'output', r.description -> 'output', '{}')
from ml_predictions p
join ml_models m on m.id = p.model_id
left join ml_model_versions v on v.id = p.model_version_id
left join ml_recipes r on r.name = m.recipe
where p.id = $1
"""
# A changed correction is taken again, by the next version.
SAVE = """
insert into ml_corrections as c (owner_id, prediction_id, output, note)
select owner_id, id, $3, $4 from ml_predictions where id = $1 and owner_id = $2
on conflict (prediction_id) do update
set output = excluded.output, note = excluded.note,
  dataset_version_id = case when c.output = excluded.output then c.dataset_version_id end
returning id
"""
# Outer joins, though no row lacks its model: the planner then reads a page, not all rows.
SHOW = """
select c.*, p.input, p.output as predicted, m.name as model
from ml_corrections c
left join ml_predictions p on p.id = c.prediction_id
left join ml_models m on m.id = p.model_id
"""
LIST = f"""
{SHOW}
where (c.created_at, c.id) < ($1, $2) and ($4::text is null or m.name = $4)
  and ($5::boolean is null or $5 = (c.dataset_version_id is not null))
order by c.created_at desc, c.id desc limit $3
"""

router = APIRouter(tags=["corrections"])


class CorrectionWrite(BaseModel, extra="forbid"):
    output: JsonObject = Field(
        min_length=1,
        description="The fields of the answer that were wrong, as they should have been.",
        examples=[{"label": "electrician"}],
    )
    note: Annotated[str, StringConstraints(max_length=2000), AfterValidator(storable)] = Field(
        default="", examples=["Bending conduit is electricians' work."]
    )


class CorrectionPublic(BaseModel):
    id: UUID
    prediction_id: UUID
    model: str = Field(examples=["trades"])
    input: dict[str, Any] = Field(examples=[{"text": "Bend conduit."}])
    predicted: dict[str, Any] = Field(examples=[{"label": "welder", "confidence": 0.4}])
    output: dict[str, Any] = Field(examples=[{"label": "electrician"}])
    note: str
    dataset_version_id: UUID | None = Field(description="The version that has taken it in.")
    created_at: datetime


@router.put(
    "/predictions/{prediction_id}/correction",
    operation_id="put_correction",
    summary="Correct a prediction",
    responses=documented(400, 401, 404, 422, 429, 503),
)
async def put_correction(
    prediction_id: UUID, body: CorrectionWrite, user: CurrentUser, database: AppDatabase
) -> CorrectionPublic:
    """Its output takes the place of the one before; only fields of the model's answer count."""
    async with database.as_user(user) as connection:
        schema = await connection.fetchval(SCHEMA, prediction_id)
    if schema is None:
        raise not_found(f"prediction {prediction_id}")
    if faults := _faults(body.output, schema):
        raise invalid(*faults)
    async with database.as_service() as connection:
        saved = await connection.fetchval(SAVE, prediction_id, user.id, body.output, body.note)
        row = await connection.fetchrow(f"{SHOW} where c.id = $1", saved)
    if row is None:
        raise not_found(f"prediction {prediction_id}")
    return _present(row)


@router.get(
    "/corrections",
    operation_id="list_corrections",
    summary="List corrections",
    responses=documented(401, 422, 429, 503),
)
async def list_corrections(
    user: CurrentUser,
    database: AppDatabase,
    pages: Pages,
    model: Annotated[ModelName | None, Query(description="Name of a model.")] = None,
    is_used: Annotated[
        bool | None, Query(description="Whether a data set version has taken it in.")
    ] = None,
) -> Page[CorrectionPublic]:
    """Newest first."""
    async with database.as_user(user) as connection:
        rows = await connection.fetch(LIST, *pages.after, pages.fetch, model, is_used)
    return pages.page(rows, _present)


@router.delete(
    "/predictions/{prediction_id}/correction",
    status_code=204,
    operation_id="delete_correction",
    summary="Take a correction back",
    responses=documented(401, 404, 422, 429, 503),
)
async def delete_correction(prediction_id: UUID, user: CurrentUser, database: AppDatabase) -> None:
    """Data set versions that have taken it in stay as they are."""
    async with database.as_user(user) as connection:
        done = await connection.execute(
            "delete from ml_corrections where prediction_id = $1", prediction_id
        )
    if done == "DELETE 0":
        raise not_found(f"correction of the prediction {prediction_id}")


def _faults(output: dict[str, Any], schema: dict[str, Any]) -> list[Fault]:
    """By field: a correction need not be a whole answer."""
    properties = schema.get("properties", {})
    faults: list[Fault] = []
    for name, value in output.items():
        if name not in properties:
            message = f"The model's answer has no such field; choose from {', '.join(properties)}"
            faults += invalid_field(f"output.{name}", message).faults
            continue
        field = {**properties[name], "$defs": schema.get("$defs", {})}
        for error in Draft202012Validator(field).iter_errors(value):
            place = ".".join(["output", name, *map(str, error.absolute_path)])
            faults.append(Fault(field=place, message=error.message))
    return faults


def _present(row: asyncpg.Record) -> CorrectionPublic:
    return CorrectionPublic.model_validate(dict(row))
