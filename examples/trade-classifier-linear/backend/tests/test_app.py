"""What holds for every route: problems, ids, limits, origins, health, metrics."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from urllib.parse import urlsplit

import httpx
import pytest
from pydantic import SecretStr
from starlette.types import Message, Receive, Scope, Send

from app.core.auth import User
from app.core.database import Database
from app.core.errors import Unexpected
from app.core.limits import BodyLimit
from app.core.lingering import Lingering
from app.core.problems import Problem
from app.core.settings import Settings
from tests.conftest import Token

ORIGIN = "http://localhost:3000"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"requests_per_minute": 5, "max_body_bytes": 1000})


@pytest.fixture
async def mine(client: httpx.AsyncClient, user: User, token: Token) -> httpx.AsyncClient:
    client.headers["Authorization"] = f"Bearer {token(user)}"
    return client


@pytest.mark.parametrize(
    ("method", "path", "code", "kind"),
    [
        ("GET", "/nowhere", 404, "not-found"),
        ("DELETE", "/healthz", 405, "method-not-allowed"),
        ("GET", "/ml/models", 401, "not-authorized"),
    ],
)
async def test_errors_are_problems(
    client: httpx.AsyncClient, method: str, path: str, code: int, kind: str
) -> None:
    answer = await client.request(method, path)
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["status"], problem["type"]) == (code, f"/problems/{kind}")
    assert problem["request_id"] == answer.headers["X-Request-ID"]
    assert (await client.get(problem["type"])).json()["status"] == code


async def test_each_invalid_field_is_named(mine: httpx.AsyncClient) -> None:
    answer = await mine.post("/ml/predict", json={"model": "No!", "more": 1})
    assert answer.status_code == 422
    assert {fault["field"] for fault in answer.json()["errors"]} == {"model", "input", "more"}
    answer = await mine.get("/ml/models?limit=0")
    assert answer.json()["errors"][0]["location"] == "query"


async def test_a_body_that_is_no_json(mine: httpx.AsyncClient) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await mine.post("/ml/predict", content="{", headers=headers)
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("The body is not JSON: ")


async def test_a_fault_of_the_server_tells_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    async def fail(*_: object) -> None:
        raise RuntimeError("the password is hunter2")

    client = httpx.AsyncClient(transport=httpx.ASGITransport(Unexpected(fail)), base_url="http://a")
    answer = await client.get("/")
    assert answer.status_code == 500
    assert "hunter2" not in answer.text
    assert "hunter2" in capsys.readouterr().out


async def test_the_request_id_is_taken_over(client: httpx.AsyncClient) -> None:
    answer = await client.get("/healthz", headers={"X-Request-ID": "abc-1"})
    assert answer.headers["X-Request-ID"] == "abc-1"
    answer = await client.get("/healthz", headers={"X-Request-ID": "a b"})
    assert answer.headers["X-Request-ID"] != "a b"


@pytest.mark.parametrize("origin", ["https://evil.example", "http://localhost:3000.evil.example"])
async def test_only_known_origins_may_read(client: httpx.AsyncClient, origin: str) -> None:
    ask = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    good = await client.options("/ml/predict", headers={"Origin": ORIGIN, **ask})
    assert good.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Access-Control-Allow-Credentials" not in good.headers
    bad = await client.options("/ml/predict", headers={"Origin": origin, **ask})
    assert (bad.status_code, "Access-Control-Allow-Origin" in bad.headers) == (400, False)
    refused = await client.get("/ml/models", headers={"Origin": ORIGIN})
    assert refused.headers["Access-Control-Allow-Origin"] == ORIGIN


async def test_a_large_body_is_refused(mine: httpx.AsyncClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(11):
            yield bytes(100)

    headers = {"Content-Type": "application/json"}
    announced = await mine.post("/ml/predict", content=bytes(1001), headers=headers)
    chunked = await mine.post("/ml/predict", content=chunks(), headers=headers)
    for answer in (announced, chunked):
        assert answer.status_code == 413
        assert answer.json()["detail"] == "The body is larger than 1,000 bytes."


async def test_an_endless_body_reaches_nobody() -> None:
    received = 0

    async def receive() -> Message:
        nonlocal received
        received += 100
        return {"type": "http.request", "body": bytes(100), "more_body": True}

    async def send(message: Message) -> None:
        pytest.fail("Nothing is answered here.")

    async def read_all(scope: Scope, receive: Receive, send: Send) -> None:
        while True:
            await receive()

    with pytest.raises(Problem, match="larger than 1,000 bytes"):
        await BodyLimit(read_all, 1000)({"type": "http", "headers": [], "state": {}}, receive, send)
    assert received == 1100


async def test_each_user_has_a_limit(mine: httpx.AsyncClient, other: User, token: Token) -> None:
    left = [(await mine.get("/ml/models")).headers["RateLimit"] for _ in range(5)]
    assert left[0].startswith('"user";r=4;t=')
    assert left[-1].startswith('"user";r=0;t=')
    answer = await mine.get("/ml/models")
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert answer.headers["RateLimit-Policy"] == '"user";q=5;w=60'
    headers = {"Authorization": f"Bearer {token(other)}"}
    assert (await mine.get("/ml/models", headers=headers)).status_code == 200


async def test_bad_tokens_are_limited_by_address(mine: httpx.AsyncClient) -> None:
    headers = {"Authorization": "Bearer guess"}
    codes = [(await mine.get("/ml/models", headers=headers)).status_code for _ in range(6)]
    assert codes == [401] * 5 + [429]
    assert (await mine.get("/ml/models")).status_code == 200


async def test_metrics_name_routes_not_paths(mine: httpx.AsyncClient) -> None:
    for path in ("/ml/models/secret-name", "/secret-path"):
        await mine.get(path)
    text = (await mine.get("/metrics")).text
    line = 'http_requests_total{method="GET",route="/ml/models/{name}",status="404"} 1.0'
    assert line in text
    assert "secret" not in text
    assert 'ml_jobs{status="queued"} 0.0' in text
    assert "http_requests_in_flight 1.0" in text


async def test_ready_and_what_is_not(
    client: httpx.AsyncClient, settings: Settings, database: Database
) -> None:
    checks = (await client.get("/readyz")).json()["checks"]
    assert checks == {"database": "ok", "migrations": "ok", "storage": "ok"}
    missing = settings.ml_data_dir / "migrations"
    missing.mkdir()
    (missing / "20990101000000_later.sql").touch()
    settings.ml_migrations_dir = missing
    answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert "20990101000000" in answer.json()["checks"]["migrations"]


class Relay:
    """Between the application and its database, to cut them apart."""

    def __init__(self, url: str) -> None:
        self._target = urlsplit(url)
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, port: int = 0) -> int:
        self._server = await asyncio.start_server(self._relay, "127.0.0.1", port)
        found: int = self._server.sockets[0].getsockname()[1]
        return found

    async def cut(self) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(self._target.hostname, self._target.port)
        for source, sink in ((reader, back), (there, writer)):
            task = asyncio.create_task(_pump(source, sink))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
    finally:
        with suppress(OSError):
            sink.close()


class TestWithoutDatabase:
    @pytest.fixture
    async def relay(self, settings: Settings) -> AsyncIterator[Relay]:
        assert settings.database_url
        url = settings.database_url.get_secret_value()
        relay = Relay(url)
        self.port = await relay.start()
        there = f"127.0.0.1:{urlsplit(url).port}"
        settings.database_url = SecretStr(url.replace(there, f"127.0.0.1:{self.port}"))
        yield relay
        await relay.cut()

    async def test_it_says_so_and_recovers(self, relay: Relay, mine: httpx.AsyncClient) -> None:
        assert (await mine.get("/readyz")).status_code == 200
        await relay.cut()
        assert (await mine.get("/healthz")).status_code == 200
        ready = await mine.get("/readyz")
        assert ready.status_code == 503
        assert ready.json()["checks"]["storage"] == "ok"
        assert ready.json()["checks"]["database"] != "ok"
        answer = await mine.get("/ml/models")
        assert answer.status_code == 503
        assert answer.json()["type"] == "/problems/not-available"
        assert answer.headers["Retry-After"] == "2"
        await relay.start(self.port)
        assert (await mine.get("/readyz")).status_code == 200
        assert (await mine.get("/ml/models")).status_code == 200


def test_log_lines_hold_no_query() -> None:
    """In a program of its own, whose output is a pipe."""
    script = (
        "import asyncio, httpx\n"
        "from app.core import logs\n"
        "from app.core.logs import RequestLog\n"
        "logs.configure()\n"
        "async def app(scope, receive, send):\n"
        "    await send({'type': 'http.response.start', 'status': 200, 'headers': []})\n"
        "    await send({'type': 'http.response.body'})\n"
        "async def main():\n"
        "    transport = httpx.ASGITransport(RequestLog(app))\n"
        "    async with httpx.AsyncClient(transport=transport, base_url='http://a') as client:\n"
        "        await client.get('/path?token=secret', headers={'X-Request-ID': 'abc'})\n"
        "asyncio.run(main())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    line = next(line for line in lines if line["event"] == "Request.")
    assert (line["method"], line["path"], line["status"]) == ("GET", "/path", 200)
    assert line["request_id"] == "abc"
    assert "secret" not in done.stdout


class Answers:
    """Without a look at what it is sent."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 401, "headers": []})
        await send({"type": "http.response.body", "body": b"no"})


@pytest.mark.parametrize("is_endless", [False, True])
async def test_an_early_answer_waits_for_the_rest_of_its_request(is_endless: bool) -> None:
    happened: list[str] = []

    async def receive() -> Message:
        await asyncio.sleep(0.01)
        happened.append("received")
        return {
            "type": "http.request",
            "body": b"x",
            "more_body": is_endless or len(happened) < 5,
        }

    async def send(message: Message) -> None:
        is_end = message["type"] == "http.response.body" and not message.get("more_body")
        happened.append("ended" if is_end else message.get("body", b"started").decode())

    scope = {"type": "http", "headers": [(b"transfer-encoding", b"chunked")]}
    await Lingering(Answers(), seconds=0.1)(scope, receive, send)
    assert happened[:3] == ["started", "no", "received"]
    assert happened[-1] == "ended"
    assert is_endless or happened[3:-1] == ["received"] * 2
