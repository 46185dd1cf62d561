"""The client to the model servers: retries, the circuit breaker, and answers it does not believe."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from app.core.problems import Problem
from app.ml import inference
from app.ml.breaker import FAILURES, Breaker
from app.ml.inference import ModelServers, Unavailable
from tests.fake_server import FakeModel, broken_connection, serving, status

INPUTS = [{"text": "a"}, {"text": "bb"}]
OUTPUTS = [{"label": "1 characters"}, {"label": "2 characters"}]


@pytest.fixture
async def model() -> FakeModel:
    return FakeModel()


@pytest.fixture
async def url(model: FakeModel) -> AsyncIterator[str]:
    async with serving("/predict", model.answer) as url:
        yield url


@pytest.fixture
async def servers(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ModelServers]:
    monkeypatch.setattr(inference, "BACKOFF", 0.01)
    servers = ModelServers("secret", deadline=1, rest=0.5)  # longer than a retry waits
    yield servers
    await servers.close()


async def test_answers_come_in_order_without_their_version(
    servers: ModelServers, model: FakeModel, url: str
) -> None:
    assert await servers.predict(url, INPUTS, "v1") == OUTPUTS
    assert model.headers[0]["Authorization"] == "Bearer secret"


@pytest.mark.parametrize("failure", [status(502), status(503), status(504), broken_connection])
async def test_tries_again(
    servers: ModelServers, model: FakeModel, url: str, failure: object
) -> None:
    model.next_answers = [failure, failure]  # type: ignore[list-item]
    assert await servers.predict(url, INPUTS, "v1") == OUTPUTS
    assert len(model.asked) == 3


async def test_gives_up_when_nobody_listens(servers: ModelServers) -> None:
    with pytest.raises(Unavailable) as caught:
        await servers.predict("http://127.0.0.1:9", INPUTS, "v1")
    assert caught.value.status_code == 503
    assert "Retry-After" in (caught.value.headers or {})


async def test_does_not_wait_longer_than_the_deadline(
    servers: ModelServers, model: FakeModel, url: str
) -> None:
    model.next_answers = [status(503, Retry_After="30")]
    with pytest.raises(Unavailable) as caught:
        await servers.predict(url, INPUTS, "v1")
    assert caught.value.status_code == 503
    assert caught.value.headers == {"Retry-After": "30"}
    assert len(model.asked) == 1


async def test_waits_as_long_as_the_server_asks_for(model: FakeModel, url: str) -> None:
    servers = ModelServers(deadline=5)
    model.next_answers = [status(503, Retry_After="1")]
    started = asyncio.get_running_loop().time()
    assert await servers.predict(url, INPUTS, "v1") == OUTPUTS
    assert asyncio.get_running_loop().time() - started >= 1
    await servers.close()


async def test_a_silent_server_is_too_slow(model: FakeModel, url: str) -> None:
    servers = ModelServers(deadline=0.2)

    async def hang(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(5)
        return web.Response()

    model.next_answers = [hang]
    with pytest.raises(Unavailable) as caught:
        await servers.predict(url, INPUTS, "v1")
    assert caught.value.status_code == 504
    assert len(model.asked) == 1
    await servers.close()


async def test_the_breaker_opens_and_lets_one_try(
    servers: ModelServers, model: FakeModel, url: str
) -> None:
    model.next_answers = [status(502)] * (FAILURES + 1)
    for _ in range(2):
        with pytest.raises(Unavailable):
            await servers.predict(url, INPUTS, "v1")
    asked = len(model.asked)
    assert asked == FAILURES
    with pytest.raises(Unavailable, match="rest"):
        await servers.predict(url, INPUTS, "v1")
    assert len(model.asked) == asked
    await asyncio.sleep(0.6)
    model.next_answers = []
    assert await servers.predict(url, INPUTS, "v1") == OUTPUTS


def test_after_its_rest_only_one_may_try() -> None:
    now = 0.0
    breaker = Breaker(rest=10, clock=lambda: now)
    for _ in range(FAILURES):
        assert breaker.wait() == 0
        breaker.failed()
    assert breaker.wait() == 10
    now = 10.0
    assert breaker.wait() == 0
    assert breaker.wait() == 10
    breaker.failed()
    assert breaker.wait() == 10
    now = 20.0
    assert breaker.wait() == 0
    breaker.succeeded()
    assert breaker.wait() == 0


async def test_a_full_server_is_not_a_broken_one(model: FakeModel, url: str) -> None:
    servers = ModelServers(deadline=0.5)
    model.next_answers = [status(503, Retry_After="3")] * (FAILURES + 1)
    for _ in range(FAILURES + 1):
        with pytest.raises(Unavailable):
            await servers.predict(url, INPUTS, "v1")
    assert await servers.predict(url, INPUTS, "v1") == OUTPUTS
    await servers.close()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("<html>", 502),
        ({"label": "not a list"}, 502),
        ([{"label": "one", "version": "v1"}], 502),
        ([{"label": "no version"}, {"label": "at all"}], 502),
        ([1, 2], 502),
        ([{"version": "other"}, {"version": "other"}], 503),
    ],
)
async def test_answers_that_are_not_believed(
    servers: ModelServers, model: FakeModel, url: str, body: object, code: int
) -> None:
    model.next_answers = [status(200, body)]
    with pytest.raises(Unavailable) as caught:
        await servers.predict(url, INPUTS, "v1")
    assert caught.value.status_code == code


async def test_a_refused_input_keeps_its_place(
    servers: ModelServers, model: FakeModel, url: str
) -> None:
    errors = [{"index": 1, "field": "text", "message": "It is blank"}]
    model.next_answers = [status(422, {"detail": "Input 1, text: blank.", "errors": errors})]
    with pytest.raises(Problem) as caught:
        await servers.predict(url, INPUTS, "v1")
    assert caught.value.status_code == 422
    assert (caught.value.faults[0].index, caught.value.faults[0].field) == (1, "text")


@pytest.mark.parametrize("code", [301, 401, 403, 404, 500])
async def test_other_statuses_are_the_servers_fault(
    servers: ModelServers, model: FakeModel, url: str, code: int
) -> None:
    model.next_answers = [status(code, Location="http://127.0.0.1:9/")]
    with pytest.raises(Unavailable) as caught:
        await servers.predict(url, INPUTS, "v1")
    assert caught.value.status_code == 502
