"""The fallback: only on request, only in need, marked as what it is, and held to the schema."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from aiohttp import web
from pydantic import SecretStr

from app.core.auth import User
from app.core.database import Database
from app.core.settings import Settings
from app.ml import inference
from app.ml.strict_schema import strict_schema
from tests.conftest import Token
from tests.fake_server import Answer, serving, status
from tests.rows import add_model, add_version

MODEL = "openai/gpt-5-mini-2026"


def completion(content: Any, **more: Any) -> Answer:
    message = {"role": "assistant", "content": content}
    return status(
        200,
        {
            "model": MODEL,
            "choices": [{"message": message, **more}],
            "usage": {"prompt_tokens": 3, "cost": 0.0001},
        },
    )


WELDER = completion('{"label": "welder"}')


class FakeOpenRouter:
    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.next_answers: list[Answer] = []

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(await request.json())
        assert request.headers["Authorization"] == "Bearer secret"
        return await (self.next_answers.pop(0) if self.next_answers else WELDER)(request)


@pytest.fixture
async def router() -> FakeOpenRouter:
    return FakeOpenRouter()


@pytest.fixture
async def settings(settings: Settings, router: FakeOpenRouter) -> AsyncIterator[Settings]:
    async with serving("/chat/completions", router.answer) as url:
        yield settings.model_copy(
            update={"openrouter_api_key": SecretStr("secret"), "openrouter_base_url": url}
        )


@pytest.fixture
async def mine(
    client: httpx.AsyncClient,
    database: Database,
    user: User,
    token: Token,
    monkeypatch: pytest.MonkeyPatch,
) -> httpx.AsyncClient:
    """A model whose server is down, which is soon found out."""
    monkeypatch.setattr(inference, "BACKOFF", 0.01)
    client.headers["Authorization"] = f"Bearer {token(user)}"
    await add_version(database, user, await add_model(database, user), url="http://127.0.0.1:9")
    return client


async def predict(client: httpx.AsyncClient, value: Any, **headers: str) -> httpx.Response:
    body = {"model": "trades", "input": value, "fallback": True}
    return await client.post("/ml/predict", json=body, headers=headers)


async def test_it_is_marked_and_its_cost_is_kept(
    mine: httpx.AsyncClient, router: FakeOpenRouter
) -> None:
    found = (await predict(mine, {"text": "weld"})).json()
    assert found["output"] == {"label": "welder"}
    assert (found["source"], found["version"]) == ("fallback", None)
    assert found["fallback_model"] == MODEL
    kept = (await mine.get("/ml/predictions?source=fallback")).json()["items"]
    assert [(one["id"], one["cost_usd"]) for one in kept] == [(found["id"], 0.0001)]
    asked = router.asked[0]
    assert asked["provider"]["data_collection"] == "deny"
    schema = asked["response_format"]["json_schema"]["schema"]
    assert schema["properties"]["label"]["enum"] == ["plumber", "welder"]
    assert schema["additionalProperties"] is False
    assert json.loads(asked["messages"][1]["content"]) == {"text": "weld"}


async def test_nobody_pays_without_asking(mine: httpx.AsyncClient, router: FakeOpenRouter) -> None:
    answer = await mine.post("/ml/predict", json={"model": "trades", "input": {"text": "weld"}})
    assert answer.status_code == 503
    assert not router.asked


async def test_the_same_key_pays_once(mine: httpx.AsyncClient, router: FakeOpenRouter) -> None:
    values = [{"text": "a"}, {"text": "b"}]
    first = (await predict(mine, values, **{"Idempotency-Key": "one"})).json()
    again = (await predict(mine, values, **{"Idempotency-Key": "one"})).json()
    assert [one["id"] for one in again] == [one["id"] for one in first]
    assert len(router.asked) == 2


async def test_what_was_paid_for_is_kept_when_another_fails(
    mine: httpx.AsyncClient, router: FakeOpenRouter
) -> None:
    values = [{"text": "a"}, {"text": "b"}]
    router.next_answers = [WELDER, status(429, {}, Retry_After="7")]
    answer = await predict(mine, values, **{"Idempotency-Key": "one"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "7")
    assert (await predict(mine, values, **{"Idempotency-Key": "one"})).status_code == 200
    assert len(router.asked) == 3


@pytest.mark.parametrize(
    "wrong",
    [
        status(402, {"error": {"code": 402, "message": "Insufficient credits"}}),
        status(200, {"error": {"code": 502, "message": "Provider returned error"}}),
        completion(None, error={"code": 502, "message": "Stopped"}),
        completion("I'd say it is a welder."),
        completion('{"label": "baker"}'),
        completion("[]"),
        completion('{"label": "welder", "more": 1}'),
        status(200, "<html>"),
        status(200, []),
        status(200, {"choices": []}),
        status(500, "no"),
    ],
)
async def test_wrong_answers_are_told_apart(
    mine: httpx.AsyncClient, router: FakeOpenRouter, wrong: Answer
) -> None:
    router.next_answers = [wrong]
    answer = await predict(mine, {"text": "weld"})
    assert answer.status_code == 502
    assert answer.json()["detail"].startswith("The fallback failed: ")


async def test_too_many_inputs_at_once(mine: httpx.AsyncClient, router: FakeOpenRouter) -> None:
    answer = await predict(mine, [{"text": str(number)} for number in range(21)])
    assert answer.status_code == 422
    assert not router.asked


async def test_a_model_without_a_version(
    client: httpx.AsyncClient, database: Database, user: User, token: Token
) -> None:
    client.headers["Authorization"] = f"Bearer {token(user)}"
    await add_model(database, user)
    answer = await predict(client, {"text": "weld"})
    assert answer.status_code == 409
    assert "train one" in answer.json()["detail"]


class TestWithoutKey:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"openrouter_api_key": None})

    async def test_it_says_what_to_set(self, mine: httpx.AsyncClient) -> None:
        answer = await predict(mine, {"text": "weld"})
        assert answer.status_code == 409
        assert "OPENROUTER_API_KEY" in answer.json()["detail"]


def test_a_schema_is_made_strict() -> None:
    schema = {
        "type": "object",
        "title": "Output",
        "properties": {
            "label": {"type": "string", "maxLength": 10},
            "scores": {"type": "object", "additionalProperties": {"type": "number"}},
            "spans": {"type": "array", "items": {"$ref": "#/$defs/Span"}},
        },
        "$defs": {"Span": {"type": "object", "properties": {"start": {"type": "integer"}}}},
    }
    number = {"type": "number"}
    assert strict_schema(schema, ["a", "b"]) == {
        "type": "object",
        "properties": {
            "label": {"type": "string", "enum": ["a", "b"]},
            "scores": {
                "type": "object",
                "properties": {"a": number, "b": number},
                "required": ["a", "b"],
                "additionalProperties": False,
            },
            "spans": {"type": "array", "items": {"$ref": "#/$defs/Span"}},
        },
        "required": ["label", "scores", "spans"],
        "additionalProperties": False,
        "$defs": {
            "Span": {
                "type": "object",
                "properties": {"start": {"type": "integer"}},
                "required": ["start"],
                "additionalProperties": False,
            }
        },
    }
