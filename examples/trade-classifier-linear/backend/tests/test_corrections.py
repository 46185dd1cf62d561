"""Corrections: kept for a prediction, and taken into the next version of a data set."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from app.core.auth import User
from app.core.database import Database
from app.core.settings import Settings
from app.ml.correction_rows import Merge
from app.ml.rows import Row
from tests.conftest import Token
from tests.rooms import CSV, Room, add_recipe, lines

MAPPING = {"text": "statement", "label": "trade"}


@pytest.fixture
async def room(client: httpx.AsyncClient, user: User, token: Token, database: Database) -> Room:
    await add_recipe(database)
    return Room(client, token(user))


@pytest.fixture
async def model(room: Room, database: Database, user: User) -> UUID:
    async with database.as_user(user) as connection:
        found: UUID = await connection.fetchval(
            "insert into ml_models (name, recipe) values ('trades', 'trade_classifier')"
            " returning id"
        )
    return found


async def predict(database: Database, user: User, model: UUID, text: str, label: str) -> UUID:
    async with database.as_user(user) as connection:
        found: UUID = await connection.fetchval(
            "insert into ml_predictions (model_id, input, input_sha256, output, source,"
            " fallback_model) values ($1, $2, $3, $4, 'fallback', 'x') returning id",
            model,
            {"text": text},
            "0" * 64,
            {"label": label, "scores": {label: 0.6}},
        )
    return found


async def correct(room: Room, prediction: UUID, label: str, status: int = 200) -> Any:
    body = {"output": {"label": label}, "note": "Looked again."}
    return await room.json("PUT", f"/predictions/{prediction}/correction", status, json=body)


async def mapped(room: Room, content: bytes = CSV, name: str = "rows.csv") -> str:
    dataset = await room.add_dataset(str(uuid4()))
    await room.upload(dataset, content, name)
    await room.json("PATCH", f"/datasets/{dataset}/versions/1", json={"columns": MAPPING})
    return dataset


async def take(room: Room, dataset: str, status: int = 201) -> Any:
    body = {"corrections_of": "trades"}
    return await room.json("POST", f"/datasets/{dataset}/versions", status, json=body)


async def rows_of(room: Room, dataset: str, number: int) -> list[Any]:
    return lines((await room.ask("GET", f"/datasets/{dataset}/versions/{number}/file", 200)).text)


async def test_put_list_delete(room: Room, database: Database, user: User, model: UUID) -> None:
    prediction = await predict(database, user, model, "Cut a pipe.", "welder")
    first = await correct(room, prediction, "plumber")
    second = await correct(room, prediction, "pipefitter")
    assert first["id"] == second["id"]
    assert second["input"] == {"text": "Cut a pipe."}
    assert second["predicted"]["label"] == "welder"
    assert second["output"] == {"label": "pipefitter"}
    assert second["model"] == "trades"
    listed = await room.json("GET", "/corrections?model=trades&is_used=false")
    assert [item["id"] for item in listed["items"]] == [second["id"]]
    assert (await room.json("GET", "/corrections?is_used=true"))["items"] == []
    assert (await room.json("GET", "/corrections?model=other"))["items"] == []
    await room.ask("DELETE", f"/predictions/{prediction}/correction", 204)
    await room.ask("DELETE", f"/predictions/{prediction}/correction", 404)


@pytest.mark.parametrize(
    ("output", "field"),
    [
        ({"labels": "plumber"}, "output.labels"),
        ({"label": 3}, "output.label"),
        ({"scores": {"welder": "much"}}, "output.scores.welder"),
        ({"label": "a\x00"}, "output"),
        ({}, "output"),
    ],
)
async def test_outputs_that_the_model_cannot_give(
    room: Room, database: Database, user: User, model: UUID, output: dict[str, Any], field: str
) -> None:
    prediction = await predict(database, user, model, "Cut a pipe.", "welder")
    path = f"/predictions/{prediction}/correction"
    problem = await room.json("PUT", path, 422, json={"output": output})
    assert problem["errors"][0]["field"] == field


async def test_strangers_correct_nothing(
    room: Room,
    client: httpx.AsyncClient,
    database: Database,
    user: User,
    other: User,
    model: UUID,
    token: Token,
) -> None:
    prediction = await predict(database, user, model, "Cut a pipe.", "welder")
    await correct(room, prediction, "plumber")
    stranger = Room(client, token(other))
    await correct(stranger, prediction, "thief", 404)
    await stranger.ask("DELETE", f"/predictions/{prediction}/correction", 404)
    assert (await stranger.json("GET", "/corrections"))["items"] == []
    dataset = await stranger.add_dataset()
    await stranger.upload(dataset)
    await take(stranger, dataset, 404)
    listed = await room.json("GET", "/corrections")
    assert listed["items"][0]["output"] == {"label": "plumber"}


async def test_they_become_the_next_version(
    room: Room, database: Database, user: User, model: UUID
) -> None:
    dataset = await mapped(room)
    for text, label in (
        ("  WELD a  frame.", "fitter"),
        ("Cut a pipe.", "plumber"),
        ("cut a pipe.", "pipefitter"),
    ):
        await correct(room, await predict(database, user, model, text, "welder"), label)
    version = await take(room, dataset)
    assert (version["number"], version["source"], version["source_name"]) == (
        2,
        "corrections",
        "trades",
    )
    assert version["columns"] == MAPPING
    assert version["suffix"] == ".jsonl"
    assert await rows_of(room, dataset, 2) == [
        {"statement": "Bend conduit.", "trade": "electrician"},
        {"statement": "Weld a frame.", "trade": "fitter"},  # replaced, not contradicted
        {"statement": "cut a pipe.", "trade": "pipefitter"},  # the later one of the two
    ]
    assert await rows_of(room, dataset, 1) == [
        {"statement": "Bend conduit.", "trade": "electrician"},
        {"statement": "Weld a frame.", "trade": "welder"},
    ]
    used = await room.json("GET", "/corrections?is_used=true")
    assert {item["dataset_version_id"] for item in used["items"]} == {version["id"]}
    assert len(used["items"]) == 3
    assert "no correction" in (await take(room, dataset, 409))["detail"]


async def test_a_changed_correction_is_taken_again(
    room: Room, database: Database, user: User, model: UUID
) -> None:
    dataset = await mapped(room)
    prediction = await predict(database, user, model, "Cut a pipe.", "welder")
    await correct(room, prediction, "plumber")
    await take(room, dataset)
    await correct(room, prediction, "plumber")
    await take(room, dataset, 409)
    await correct(room, prediction, "pipefitter")
    assert (await take(room, dataset))["number"] == 3
    assert (await rows_of(room, dataset, 3))[-1]["trade"] == "pipefitter"


async def test_two_at_once_take_them_once(
    room: Room, database: Database, user: User, model: UUID, settings: Settings
) -> None:
    dataset = await mapped(room)
    await correct(room, await predict(database, user, model, "Cut a pipe.", "x"), "plumber")
    body = {"corrections_of": "trades"}
    path = f"/ml/datasets/{dataset}/versions"
    answers = await asyncio.gather(
        *(room._client.post(path, json=body, headers=room.headers) for _ in range(4))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    kept = [path for path in (settings.ml_data_dir / "storage").rglob("*") if path.is_file()]
    assert len(kept) == 4  # two versions and their previews


async def test_columns_have_to_be_known(
    room: Room, database: Database, user: User, model: UUID
) -> None:
    dataset = await room.add_dataset()
    await correct(room, await predict(database, user, model, "Cut a pipe.", "x"), "plumber")
    assert "has no version" in (await take(room, dataset, 409))["detail"]
    await room.upload(dataset)
    assert "holds 'text': map its columns" in (await take(room, dataset, 409))["detail"]
    body = {"hub": "owner/name"}
    await room.json("POST", f"/datasets/{dataset}/versions", 201, json=body)
    assert "are not kept here" in (await take(room, dataset, 409))["detail"]
    own_names = await room.add_dataset("own names")
    await room.upload(own_names, b"text,label,note\na,b,c\n")
    await take(room, own_names)
    assert await rows_of(room, own_names, 2) == [
        {"text": "a", "label": "b", "note": "c"},
        {"text": "Cut a pipe.", "label": "plumber"},
    ]


def test_values_are_compared_as_the_models_read_them() -> None:
    """CSV has texts only; JSON has numbers."""
    columns = {"size": "size_mm", "price": "price"}
    correction = {"input": {"size": 3}, "predicted": {"price": 1}, "output": {"price": 2}}
    for size in (3, "3", " 3 "):
        merged = list(Merge(columns, [correction]).rows([Row(1, {"size_mm": size, "price": 1})]))
        assert [row.values for row in merged] == [{"size_mm": size, "price": 2}]
