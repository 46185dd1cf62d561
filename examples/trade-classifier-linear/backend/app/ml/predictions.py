"""Predictions: ask a model, and see what was asked before."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, PlainValidator

from app.core.auth import CurrentUser
from app.core.database import AppDatabase
from app.core.idempotency import IdempotencyKey
from app.core.pagination import Page, Pages
from app.core.problems import documented
from app.core.values import storable
from app.ml.names import ModelName, ModelPath
from app.ml.predicting import AppPredictor, Found, Predictor, Question

MAX_INPUTS = 100
# Outer joins, though no row lacks its model: the planner then reads a page, not all rows.
LIST = """
select p.*, m.name as model, v.number as version, c.output as corrected, c.note
from ml_predictions p
left join ml_models m on m.id = p.model_id
left join ml_model_versions v on v.id = p.model_version_id
left join ml_corrections c on c.prediction_id = p.id
where p.owner_id = $1 and (p.created_at, p.id) < ($2, $3)
  and ($4::text is null or m.name = $4) and ($5::text is null or p.source = $5)
order by p.created_at desc, p.id desc
limit $6
"""

router = APIRouter(tags=["predictions"])


def _inputs(value: Any) -> Any:
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(item, dict) for item in values) or not values:
        raise ValueError("send an input object, or a list of at least one")
    if len(values) > MAX_INPUTS:
        raise ValueError(f"at most {MAX_INPUTS} inputs are taken; send more as a batch")
    return storable(value)


Schema = dict[str, Any]
Inputs = Annotated[
    Schema | list[Schema], PlainValidator(_inputs, json_schema_input_type=Schema | list[Schema])
]


class PredictRequest(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"input": {"text": "Bend conduit and pull wires through it."}},
                {"input": [{"text": "Lay bricks."}, {"text": "Weld pipes."}], "fallback": True},
            ]
        },
    )

    input: Inputs = Field(description="One input, or a list of them, by the model's input schema.")
    fallback: bool = Field(
        default=False,
        description="Whether a language model may answer, at a price, while the model cannot.",
    )


class NamedPredictRequest(PredictRequest):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"model": "trades", "input": {"text": "Pull wires through conduit."}}]
        }
    )

    model: ModelName


class Prediction(BaseModel):
    id: UUID = Field(description="To correct it.")
    output: dict[str, Any] = Field(
        description="By the model's output schema.",
        examples=[{"label": "Construction Electrician", "confidence": 0.93}],
    )
    model: ModelName
    version: int | None = Field(description="Null if the fallback answered.", examples=[3])
    source: Literal["model", "fallback"]
    cached: bool = Field(description="Whether it was known from an earlier request.")
    fallback_model: str | None = Field(default=None, examples=["openai/gpt-5-mini"])


class KeptPrediction(BaseModel):
    id: UUID
    model: ModelName
    version: int | None = Field(examples=[3])
    input: dict[str, Any] = Field(examples=[{"text": "Bend conduit."}])
    output: dict[str, Any] = Field(examples=[{"label": "Construction Electrician"}])
    source: Literal["model", "fallback"]
    fallback_model: str | None
    cost_usd: float
    corrected: dict[str, Any] | None = Field(
        description="What it should have been, if it was said."
    )
    note: str | None
    created_at: datetime


@router.post(
    "/models/{name}/predict",
    operation_id="predict",
    responses=documented(400, 401, 404, 409, 413, 422, 429, 502, 503, 504),
)
async def predict(
    name: ModelPath,
    request: PredictRequest,
    user: CurrentUser,
    predictor: AppPredictor,
    key: IdempotencyKey = None,
) -> Prediction | list[Prediction]:
    """Ask the model's production version: an input gets an answer, a list gets a list."""
    return await _predict(predictor, user, name, request, key)


@router.post(
    "/predict",
    operation_id="predict_by_name",
    responses=documented(400, 401, 404, 409, 413, 422, 429, 502, 503, 504),
)
async def predict_by_name(
    request: NamedPredictRequest,
    user: CurrentUser,
    predictor: AppPredictor,
    key: IdempotencyKey = None,
) -> Prediction | list[Prediction]:
    """The same, with the model named in the body."""
    return await _predict(predictor, user, request.model, request, key)


@router.get(
    "/predictions", operation_id="list_predictions", responses=documented(401, 422, 429, 503)
)
async def list_predictions(
    user: CurrentUser,
    database: AppDatabase,
    pages: Pages,
    model: Annotated[ModelName | None, Query(description="Of this model alone.")] = None,
    source: Annotated[Literal["model", "fallback"] | None, Query()] = None,
) -> Page[KeptPrediction]:
    """What was asked and answered, and how it was corrected; the newest first."""
    async with database.as_user(user) as connection:
        rows = await connection.fetch(LIST, user.id, *pages.after, model, source, pages.fetch)
    return pages.page(rows, _kept)


async def _predict(
    predictor: Predictor, user: CurrentUser, model: str, request: PredictRequest, key: str | None
) -> Prediction | list[Prediction]:
    is_list = isinstance(request.input, list)
    inputs = request.input if isinstance(request.input, list) else [request.input]
    found = await predictor.predict(user, Question(model, inputs, is_list, request.fallback, key))
    predictions = [_prediction(model, one) for one in found]
    return predictions if is_list else predictions[0]


def _prediction(model: str, found: Found) -> Prediction:
    answer = found.answer
    return Prediction(
        id=answer.id,
        output=answer.output,
        model=model,
        version=answer.number,
        source=answer.source,
        cached=found.is_cached,
        fallback_model=answer.fallback_model,
    )


def _kept(row: asyncpg.Record) -> KeptPrediction:
    return KeptPrediction.model_validate(dict(row))
