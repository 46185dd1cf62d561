"""Predictions: the model's, those that are known already, and those of the same key."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import pytest

from app.core.auth import User
from app.core.database import Database
from app.core.settings import Settings
from app.core.storage import job_path, open_storage
from tests.conftest import Token
from tests.fake_server import FakeModel, serving, status
from tests.rows import add_model, add_version


@pytest.fixture
async def model() -> FakeModel:
    return FakeModel()


@pytest.fixture
async def version(database: Database, user: User, model: FakeModel) -> AsyncIterator[UUID]:
    """In production, and served."""
    model_id = await add_model(database, user)
    async with serving("/predict", model.answer) as url:
        yield await add_version(database, user, model_id, url=url)


@pytest.fixture
async def mine(client: httpx.AsyncClient, user: User, token: Token) -> httpx.AsyncClient:
    client.headers["Authorization"] = f"Bearer {token(user)}"
    return client


async def predict(client: httpx.AsyncClient, value: Any, **headers: str) -> httpx.Response:
    return await client.post("/ml/models/trades/predict", json={"input": value}, headers=headers)


async def test_one_input_gets_one_answer(mine: httpx.AsyncClient, version: UUID) -> None:
    found = (await predict(mine, {"text": "weld"})).json()
    assert found.pop("id")
    assert found == {
        "output": {"label": "4 characters"},
        "model": "trades",
        "version": 1,
        "source": "model",
        "cached": False,
        "fallback_model": None,
    }


async def test_the_model_may_be_named_in_the_body(mine: httpx.AsyncClient, version: UUID) -> None:
    answer = await mine.post("/ml/predict", json={"model": "trades", "input": {"text": "weld"}})
    assert answer.json()["output"] == {"label": "4 characters"}


async def test_a_list_keeps_its_order_and_asks_for_each_input_once(
    mine: httpx.AsyncClient, model: FakeModel, version: UUID
) -> None:
    await predict(mine, {"text": "bb"})
    texts = ["ccc", "bb", "a", "ccc"]
    found = (await predict(mine, [{"text": text} for text in texts])).json()
    assert [one["output"]["label"] for one in found] == [
        f"{len(text)} characters" for text in texts
    ]
    assert [one["cached"] for one in found] == [False, True, False, False]
    assert found[0]["id"] == found[3]["id"]
    assert model.asked[1] == [{"text": "ccc"}, {"text": "a"}]


async def test_what_is_known_is_not_asked_again(
    mine: httpx.AsyncClient, model: FakeModel, version: UUID
) -> None:
    first = (await predict(mine, {"text": "weld", "more": 1})).json()
    second = (await predict(mine, {"more": 1, "text": "weld"})).json()
    assert second == first | {"cached": True}
    assert len(model.asked) == 1


async def test_a_new_version_answers_anew(
    mine: httpx.AsyncClient, database: Database, user: User, model: FakeModel, version: UUID
) -> None:
    await predict(mine, {"text": "weld"})
    async with database.as_service() as connection:
        row = await connection.fetchrow(
            "update ml_model_versions set stage = 'archived' where id = $1 returning *", version
        )
    assert row
    model.version = "v2"
    await add_version(
        database, user, row["model_id"], number=2, url=row["endpoint_url"], version="v2"
    )
    found = (await predict(mine, {"text": "weld"})).json()
    assert (found["version"], found["cached"]) == (2, False)


async def test_another_users_model_is_not_there(
    client: httpx.AsyncClient, other: User, token: Token, version: UUID
) -> None:
    answer = await predict(client, {"text": "a"}, Authorization=f"Bearer {token(other)}")
    assert answer.status_code == 404
    assert answer.json()["detail"] == "No model 'trades'."


async def test_a_refused_input_is_named_by_its_place(
    mine: httpx.AsyncClient, model: FakeModel, version: UUID
) -> None:
    await predict(mine, {"text": "known"})
    fault = {"index": 1, "field": "text", "message": "It is blank"}
    model.next_answers = [status(422, {"detail": "blank", "errors": [fault]})] * 2
    answer = await predict(mine, [{"text": "a"}, {"text": "known"}, {"text": ""}])
    assert answer.status_code == 422
    assert answer.json()["detail"] == "Input 2, input.text: It is blank."
    assert answer.json()["errors"] == [
        {"location": "body", "index": 2, "field": "input.text", "message": "It is blank"}
    ]


@pytest.mark.parametrize(
    "value", [[], "text", 1, None, [1], [{"text": "a"}, None], [{"text": "a"}] * 101]
)
async def test_inputs_are_objects(mine: httpx.AsyncClient, version: UUID, value: Any) -> None:
    answer = await predict(mine, value)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "input"


@pytest.mark.parametrize("text", [r'"a\u0000"', r'"\ud800"', "NaN", "1e999"])
async def test_what_cannot_be_kept_is_refused(
    mine: httpx.AsyncClient, version: UUID, text: str
) -> None:
    body = f'{{"input": {{"text": {text}}}}}'
    headers = {"Content-Type": "application/json"}
    answer = await mine.post("/ml/models/trades/predict", content=body, headers=headers)
    assert answer.status_code == 422


async def test_a_model_that_is_not_served(
    mine: httpx.AsyncClient, database: Database, user: User
) -> None:
    model_id = await add_model(database, user)
    answer = await predict(mine, {"text": "a"})
    assert answer.status_code == 409
    assert "no version in production" in answer.json()["detail"]
    await add_version(database, user, model_id)
    answer = await predict(mine, {"text": "a"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


async def test_the_same_key_gets_the_first_answer(
    mine: httpx.AsyncClient, model: FakeModel, version: UUID
) -> None:
    headers = {"Idempotency-Key": "one"}
    first = (await predict(mine, {"text": "a"}, **headers)).json()
    again = (await predict(mine, {"text": "a"}, **headers)).json()
    assert again["id"] == first["id"]
    answer = await predict(mine, {"text": "b"}, **headers)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "Idempotency-Key"


async def test_two_requests_at_once_under_one_key(
    mine: httpx.AsyncClient, model: FakeModel, version: UUID
) -> None:
    release = asyncio.Event()

    async def wait(request: Any) -> Any:
        await release.wait()
        return await status(200, [{"label": "a", "version": "v1"}])(request)

    model.next_answers = [wait]
    headers = {"Idempotency-Key": "one"}
    first = asyncio.create_task(predict(mine, {"text": "a"}, **headers))
    while not model.asked:
        await asyncio.sleep(0.01)
    assert (await predict(mine, {"text": "a"}, **headers)).status_code == 409
    release.set()
    assert (await first).status_code == 200


async def test_predictions_are_listed_with_their_corrections(
    mine: httpx.AsyncClient, database: Database, user: User, version: UUID
) -> None:
    ids = [(await predict(mine, {"text": "x" * size})).json()["id"] for size in (1, 2, 3)]
    async with database.as_user(user) as connection:
        await connection.execute(
            "insert into ml_corrections (prediction_id, output, note) values ($1, $2, 'no')",
            UUID(ids[0]),
            {"label": "welder"},
        )
    page = (await mine.get("/ml/predictions", params={"limit": 2, "model": "trades"})).json()
    rest = await mine.get("/ml/predictions", params={"limit": 2, "cursor": page["next_cursor"]})
    assert [one["id"] for one in page["items"] + rest.json()["items"]] == ids[::-1]
    assert rest.json()["next_cursor"] is None
    assert rest.json()["items"][0]["corrected"] == {"label": "welder"}
    assert (await mine.get("/ml/predictions?source=fallback")).json()["items"] == []


@pytest.mark.parametrize("cursor", ["x", "bnVsbA", "WzEsMl0", "e30"])
async def test_a_made_up_cursor_is_refused(mine: httpx.AsyncClient, cursor: str) -> None:
    answer = await mine.get("/ml/predictions", params={"cursor": cursor})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "cursor"


async def upload(
    client: httpx.AsyncClient, content: str, key: str, **params: str
) -> httpx.Response:
    files = {"file": ("rows.csv", content)}
    headers = {"Idempotency-Key": key}
    return await client.post("/ml/models/trades/batch", files=files, params=params, headers=headers)


async def test_a_batch_is_a_job_with_its_file(
    mine: httpx.AsyncClient, settings: Settings, database: Database, user: User, version: UUID
) -> None:
    columns = '{"text": "statement"}'
    answer = await upload(mine, "statement\nweld\n", "one", columns=columns)
    assert answer.status_code == 202
    job = answer.json()
    assert answer.headers["Location"] == f"/ml/jobs/{job['id']}"
    again = await upload(mine, "statement\nweld\n", "one", columns=columns)
    assert again.json()["id"] == job["id"]
    other = await upload(mine, "statement\nbrick\n", "one", columns=columns)
    assert other.status_code == 422
    async with database.as_user(user) as connection:
        row = await connection.fetchrow("select * from ml_jobs")
    assert row
    assert (row["kind"], row["settings"]) == ("batch", {"columns": {"text": "statement"}})
    path = job_path(user.id, row["id"], "input.csv")
    async with open_storage(settings).local(path) as file:
        assert file.read_text() == "statement\nweld\n"
        assert list(file.parent.parent.rglob("*.csv")) == [file]  # none of the others


@pytest.mark.parametrize(
    ("content", "columns"),
    [
        ("statement\nweld\n", "{}"),
        ("text\nweld\n", '{"text": "statement"}'),
        ("text\nweld\n", '{"other": "text"}'),
        ("text\nweld\n", "[]"),
        ("text\nweld\n", "{"),
        ("", "{}"),
        ("PK\x03\x04", "{}"),
    ],
)
async def test_a_file_that_cannot_be_answered_is_refused(
    mine: httpx.AsyncClient, version: UUID, content: str, columns: str
) -> None:
    assert (await upload(mine, content, "one", columns=columns)).status_code == 422
