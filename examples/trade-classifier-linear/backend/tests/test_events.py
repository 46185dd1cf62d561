"""Streams of events: nothing missed, nothing twice, whatever happens in between."""

import asyncio
import json
import os
import random
import re
import signal
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from app.core.auth import User
from app.core.database import Database
from app.core.event_stream import EventStream
from app.core.settings import Settings
from app.local import postgres
from app.main import create_app
from app.migrate import migrate
from app.ml import broadcaster as broadcasting
from app.ml.broadcaster import Broadcaster, TooSlow, Watcher
from app.ml.event_rows import Frame
from app.ml.events import ALIVE, TOO_SLOW, WELCOME, Stream
from app.worker.events import Event, append
from tests.conftest import MIGRATIONS, VERSION, Token, _add_user
from tests.rooms import Room, add_job, served

PATIENCE = 30  # seconds


@dataclass
class Watch:
    """A client of the stream."""

    url: str
    token: str

    @asynccontextmanager
    async def open(
        self, job: UUID, after: int = 0, last_event_id: int | None = None
    ) -> AsyncIterator[httpx.Response]:
        headers = {"Authorization": f"Bearer {self.token}"}
        if last_event_id is not None:
            headers["Last-Event-ID"] = str(last_event_id)
        path = f"/ml/jobs/{job}/events?after={after}"
        async with (
            httpx.AsyncClient(base_url=self.url, timeout=PATIENCE) as client,
            client.stream("GET", path, headers=headers) as answer,
        ):
            yield answer

    async def numbers(self, job: UUID, after: int = 0) -> list[int]:
        """Of all events, until the stream ends."""
        async with asyncio.timeout(PATIENCE), self.open(job, after) as answer:
            return [number async for number, _ in events(answer)]


async def events(answer: httpx.Response) -> AsyncIterator[tuple[int, Any]]:
    buffer = b""
    async for chunk in answer.aiter_bytes():
        *frames, buffer = (buffer + chunk).split(b"\n\n")
        for frame in frames:
            if found := re.fullmatch(rb"id: (\d+)\ndata: (.*)", frame):
                yield int(found[1]), json.loads(found[2])


async def write(database: Database, job: UUID, *kinds: str, status: str | None = None) -> None:
    async with database.as_service() as connection:
        await append(connection, job, [Event(kind, {"text": "ü\n"}) for kind in kinds])
        if status:
            await connection.execute("update ml_jobs set status = $2 where id = $1", job, status)


async def listening(database: Database) -> None:
    """Until the application has its ear on the channel."""
    query = "select 1 from pg_stat_activity where query ilike 'listen %'"
    async with asyncio.timeout(PATIENCE), database.pool.acquire() as connection:
        while not await connection.fetch(query):
            await asyncio.sleep(0.02)


@pytest.fixture
async def watch(app: FastAPI, database: Database, user: User, token: Token) -> AsyncIterator[Watch]:
    async with served(app) as url:
        yield Watch(url, token(user))


@pytest.fixture
async def job(database: Database, user: User) -> UUID:
    return await add_job(database, user, "running")


async def test_replay_then_live_until_the_end(watch: Watch, database: Database, job: UUID) -> None:
    await write(database, job, "claimed", "stopped")  # an attempt that ended, and was resumed
    async with watch.open(job) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-cache, no-transform"
        assert answer.headers["x-accel-buffering"] == "no"
        stream = events(answer)
        assert (await anext(stream))[0] == 1
        number, event = await anext(stream)
        assert (number, event["number"], event["kind"]) == (2, 2, "stopped")
        assert event["data"] == {"text": "ü\n"}
        await write(database, job, "step")
        assert (await anext(stream))[1]["kind"] == "step"
        await write(database, job, "succeeded", status="succeeded")
        assert [kind["kind"] async for _, kind in stream] == ["succeeded"]
    assert await watch.numbers(job) == [1, 2, 3, 4]
    assert await watch.numbers(job, after=2) == [3, 4]


async def test_no_gap_and_no_double_while_rows_are_written(
    watch: Watch, database: Database, job: UUID
) -> None:
    total = 400

    async def write_all() -> None:
        written = 0
        while written < total - 1:
            count = min(random.randint(1, 7), total - 1 - written)
            await write(database, job, *["step"] * count)
            written += count
        await write(database, job, "succeeded", status="succeeded")

    async def join() -> list[int]:
        await asyncio.sleep(random.random() * 1.5)
        return await watch.numbers(job)

    *found, _ = await asyncio.gather(*(join() for _ in range(30)), write_all())
    assert all(numbers == list(range(1, total + 1)) for numbers in found)


async def test_long_replays_come_in_pages(watch: Watch, database: Database, job: UUID) -> None:
    await write(database, job, *["step"] * 2300, status="failed")
    assert await watch.numbers(job) == list(range(1, 2301))


async def test_coming_back_by_last_event_id(watch: Watch, database: Database, job: UUID) -> None:
    async def write_all() -> None:
        for _ in range(60):
            await write(database, job, "step")
            await asyncio.sleep(0.01)
        await write(database, job, "failed", status="failed")

    async def come_and_go() -> list[int]:
        numbers: list[int] = []
        while True:
            async with watch.open(job, last_event_id=numbers[-1] if numbers else None) as answer:
                if answer.status_code == 204:
                    return numbers
                async with aclosing(events(answer)) as stream:  # type: ignore[type-var]
                    async for number, _ in stream:
                        numbers.append(number)
                        if random.random() < 0.2:
                            break

    async with asyncio.timeout(PATIENCE):
        numbers, _ = await asyncio.gather(come_and_go(), write_all())
    assert numbers == list(range(1, 62))


async def test_an_id_that_is_no_number_counts_for_nothing(
    watch: Watch, database: Database, job: UUID
) -> None:
    await write(database, job, "step", "failed", status="failed")
    headers = {"Authorization": f"Bearer {watch.token}", "Last-Event-ID": "odd"}
    async with httpx.AsyncClient(base_url=watch.url) as client:
        path = f"/ml/jobs/{job}/events"
        assert (await client.get(path, headers=headers)).text.count("id: ") == 2
        for unknown in ("9" * 39, "7"):
            answer = await client.get(path, headers=headers | {"Last-Event-ID": unknown})
            assert answer.status_code == 204
        assert (await client.get(f"{path}?after=-1", headers=headers)).status_code == 422


async def test_pages_of_json(
    client: httpx.AsyncClient, database: Database, user: User, job: UUID, token: Token
) -> None:
    await write(database, job, "claimed", "step", "step")
    room = Room(client, token(user))
    path = f"/jobs/{job}/events?format=json&limit=2"
    first = await room.json("GET", path)
    assert [event["number"] for event in first["items"]] == [1, 2]
    second = await room.json("GET", f"{path}&after={first['next_cursor']}")
    assert [event["number"] for event in second["items"]] == [3]
    assert second["next_cursor"] is None


async def test_a_lost_listener_is_made_up_for(
    watch: Watch,
    database: Database,
    job: UUID,
    admin: "asyncpg.Connection[asyncpg.Record]",
) -> None:
    await listening(database)
    following = asyncio.create_task(watch.numbers(job))
    await write(database, job, "step")
    await asyncio.sleep(0.3)
    await admin.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where query ilike 'listen %'"
    )
    await write(database, job, "step", "step")
    await listening(database)
    await write(database, job, "failed", status="failed")
    assert await following == [1, 2, 3, 4]


@pytest.mark.slow
async def test_a_restart_of_the_database_in_the_middle(settings: Settings, token: Token) -> None:
    """On a server of its own: the others would lose theirs."""
    with tempfile.TemporaryDirectory(prefix="ml-") as place:
        folder = Path(place) / "postgres"
        urls = postgres.start(folder, VERSION)
        await migrate(urls.admin, MIGRATIONS)
        database = await Database.connect(urls.backend)
        user = await _add_user(database, "owner@example.com")
        job = await add_job(database, user, "running")
        moved = settings.model_copy(update={"database_url": SecretStr(urls.backend)})
        async with (
            served(create_app(moved)) as url,
            asyncio.timeout(PATIENCE),
            Watch(url, token(user)).open(job) as answer,
        ):
            stream = events(answer)
            await write(database, job, *["step"] * 20)
            before = [(await anext(stream))[0] for _ in range(20)]
            await asyncio.to_thread(postgres.stop, folder)
            await asyncio.sleep(1)
            assert await asyncio.to_thread(postgres.start, folder, VERSION) == urls
            await write(database, job, *["step"] * 20)
            await write(database, job, "succeeded", status="succeeded")
            after = [number async for number, _ in stream]
        assert before + after == list(range(1, 42))
        await database.close()
        postgres.stop(folder)


@pytest.mark.slow
async def test_a_slow_client_holds_nobody_up(
    watch: Watch, database: Database, job: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broadcasting, "WAITING", 100)
    address = httpx.URL(watch.url)
    slow = socket.socket()
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    slow.connect((address.host, address.port))
    head = f"GET /ml/jobs/{job}/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {watch.token}"
    slow.sendall(f"{head}\r\n\r\n".encode())
    quick = asyncio.create_task(watch.numbers(job))
    async with database.as_service() as connection:
        await append(connection, job, [Event("claimed")])
    await asyncio.sleep(0.3)
    large = Event("step", {"text": "x" * 20_000})
    for _ in range(60):  # 12 MB, more than the buffers of a connection take
        async with database.as_service() as connection:
            await append(connection, job, [large] * 10)
        await asyncio.sleep(0.02)
    await write(database, job, "succeeded", status="succeeded")
    assert await quick == list(range(1, 603))
    slow.settimeout(PATIENCE)
    got = await asyncio.to_thread(_read_all, slow)
    assert b"too slow; come back\nretry: 5000" in got
    last = int(got.rpartition(b"id: ")[2].split(b"\n")[0])
    assert 0 < last < 602
    assert await watch.numbers(job, after=last) == list(range(last + 1, 603))


async def test_a_watcher_keeps_a_limited_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broadcasting, "WAITING", 2)
    watcher = Watcher()
    frames = [Frame(n, b"") for n in (1, 2, 3)]
    watcher.offer(frames[:2])
    assert await watcher.take(1) == frames[:2]
    watcher.offer(frames)
    with pytest.raises(TooSlow):
        await watcher.take(1)


async def test_who_reads_nothing_at_all_is_dropped() -> None:
    app = FastAPI()
    is_closed = asyncio.Event()

    async def endless() -> Any:
        try:
            while True:
                yield b"x" * 100_000
        finally:
            is_closed.set()

    @app.get("/")
    async def stream() -> EventStream:
        return EventStream(endless(), sending=0.2)

    async with served(app) as url:
        address = httpx.URL(url)
        with socket.create_connection((address.host, address.port)) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            await asyncio.wait_for(is_closed.wait(), 5)


async def test_a_client_that_leaves_leaves_nothing(
    app: FastAPI, database: Database, user: User, token: Token, job: UUID
) -> None:
    async with served(app) as url:
        feeds = app.state.broadcaster._feeds
        async with Watch(url, token(user)).open(job) as answer:
            lines = answer.aiter_lines()
            await anext(lines)
            await asyncio.sleep(0.1)
            assert len(feeds) == 1
        async with asyncio.timeout(5):
            while feeds:
                await asyncio.sleep(0.02)


async def test_heartbeat_and_end_of_permission(
    database: Database, user: User, other: User, job: UUID
) -> None:
    broadcaster = Broadcaster(database)

    def stream(who: User, **pace: float) -> Stream:
        return Stream(database, broadcaster, who, job, 0, **pace)

    async with broadcaster.running():
        chunks = stream(user, heartbeat=0.02).frames(0)
        assert [await anext(chunks) for _ in range(4)] == [WELCOME, b"", ALIVE, ALIVE]
        await chunks.aclose()
        chunks = stream(user, heartbeat=0.02, recheck=0).frames(0)
        assert await anext(chunks) == WELCOME
        async with database.as_service() as connection:
            await connection.execute("update ml_jobs set owner_id = $1", other.id)
        async with asyncio.timeout(5):
            assert b"id: " not in b"".join([chunk async for chunk in chunks])
        expired = User(other.id, None, other.claims | {"exp": time.time() - 1})
        chunks = stream(expired, heartbeat=0.02, recheck=0).frames(0)
        async with asyncio.timeout(5):
            assert [chunk async for chunk in chunks] == [WELCOME, b"", ALIVE]


async def test_too_slow_is_said(database: Database, user: User, job: UUID) -> None:
    broadcaster = Broadcaster(database)
    async with broadcaster.running():
        chunks = Stream(database, broadcaster, user, job, 0).frames(0)
        assert [await anext(chunks), await anext(chunks)] == [WELCOME, b""]
        (watcher,) = broadcaster._feeds[str(job)].watchers
        watcher.offer([Frame(n, b"") for n in range(broadcasting.WAITING + 1)])
        assert [chunk async for chunk in chunks] == [TOO_SLOW]


async def test_a_shutdown_ends_streams_at_once(
    settings: Settings, database: Database, user: User, token: Token, job: UUID
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    assert settings.database_url
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app.main"),
        cwd=Path(__file__).parents[1],
        env=os.environ
        | {
            "DATABASE_URL": settings.database_url.get_secret_value(),
            "ML_DATA_DIR": str(settings.ml_data_dir),
            "PORT": str(port),
        },
    )
    try:
        url = f"http://127.0.0.1:{port}"
        async with asyncio.timeout(PATIENCE), httpx.AsyncClient(base_url=url) as client:
            while not await _answers(client):
                await asyncio.sleep(0.05)
        async with Watch(url, token(user)).open(job) as answer:
            lines = answer.aiter_lines()
            await anext(lines)
            asked_at = time.monotonic()
            process.send_signal(signal.SIGTERM)
            assert "".join([line async for line in lines]) == ""
            await process.wait()
        assert time.monotonic() - asked_at < 2  # a server waits for 5 s else
    finally:
        if process.returncode is None:
            process.kill()


async def _answers(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/healthz")).is_success
    except httpx.TransportError:
        return False


def _read_all(client: socket.socket) -> bytes:
    got = bytearray()
    with client:
        while chunk := client.recv(65536):
            got += chunk
    return bytes(got)
