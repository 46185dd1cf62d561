"""Many watchers of one job: `python -m benchmarks.watchers [--rate 50]`.

A real server with its embedded database; half of the watchers are there from the start, the others
come while events are written. Each has to get every event once, in order.
"""

import argparse
import asyncio
import os
import random
import re
import statistics
import sys
import tempfile
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID, uuid4

import psutil

BACKEND = Path(__file__).parents[1] / "templates" / "project" / "backend"
sys.path.insert(0, str(BACKEND))

from app.core.database import Database
from app.local import postgres
from app.local.signing_key import SigningKey
from app.migrate import migrate
from app.worker.events import Event, append

from benchmarks.predict import free_port, wait_until_ready

WATCHERS = 200
EVENTS = 500
PUBLIC_URL = "http://127.0.0.1"
FRAME = re.compile(rb'id: (\d+)\ndata: .*"at": ([\d.]+)')
ADD_JOB = """
insert into ml_jobs (owner_id, kind, recipe, provider, status)
values ($1, 'train', 'trades', 'local', 'running') returning id
"""


async def watch(port: int, token: str, job: UUID, wait: float) -> list[float]:
    """Seconds that each live event took from its insert to here."""
    await asyncio.sleep(wait)
    joined = time.time()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"GET /ml/jobs/{job}/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n"
    writer.write(head.encode())
    numbers: list[int] = []
    delays: list[float] = []
    buffer = b""
    while chunk := await reader.read(65536):
        arrived = time.time()
        *frames, buffer = (buffer + chunk).split(b"\n\n")
        for frame in filter(None, map(FRAME.search, frames)):
            numbers.append(int(frame[1]))
            if float(frame[2]) > joined:
                delays.append(arrived - float(frame[2]))
        if numbers and numbers[-1] == EVENTS:
            break
    writer.close()
    assert numbers == list(range(1, EVENTS + 1)), f"got {len(numbers)}, ends with {numbers[-3:]}"
    return delays


async def write(database: Database, job: UUID, rate: float) -> None:
    started = time.perf_counter()
    for number in range(1, EVENTS + 1):
        await asyncio.sleep(started + number / rate - time.perf_counter())
        step = {"step": number, "loss": 0.25, "at": time.time()}
        async with database.as_service() as connection:
            await append(connection, job, [Event("step", step)])
            if number == EVENTS:
                over = "update ml_jobs set status = 'succeeded' where id = $1"
                await connection.execute(over, job)


@asynccontextmanager
async def serving(folder: Path, url: str, port: int) -> AsyncIterator[Process]:
    environment = os.environ | {
        "DATABASE_URL": url,
        "ML_DATA_DIR": str(folder),
        "PORT": str(port),
        "PUBLIC_URL": PUBLIC_URL,
        "REQUESTS_PER_MINUTE": "100000",
    }
    command = (sys.executable, "-m", "app.main")
    devnull = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        *command, cwd=BACKEND, env=environment, stdout=devnull, stderr=devnull
    )
    try:
        await asyncio.to_thread(wait_until_ready, port)
        yield process
    finally:
        process.terminate()
        await process.wait()


async def benchmark(folder: Path, urls: postgres.Urls, rate: float) -> None:
    await migrate(urls.admin, BACKEND.parent / "supabase" / "migrations")
    database = await Database.connect(urls.backend, 2)
    owner = uuid4()
    async with database.as_role("supabase_auth_admin", {}) as connection:
        await connection.execute("insert into auth.users (id, email) values ($1, 'a@b.c')", owner)
    async with database.as_service() as connection:
        job = await connection.fetchval(ADD_JOB, owner)
    port = free_port()
    async with serving(folder, urls.backend, port) as process:
        server = psutil.Process(process.pid)
        before = sum(server.cpu_times()[:2])
        late = [EVENTS / rate * random.random() for _ in range(WATCHERS // 2)]
        waits = [0.0] * (WATCHERS - len(late)) + late
        token = sign(folder, owner)
        watching = [asyncio.create_task(watch(port, token, job, wait)) for wait in waits]
        await asyncio.sleep(2)  # the first half is there
        await write(database, job, rate)
        delays = [delay for found in await asyncio.gather(*watching) for delay in found]
        used = sum(server.cpu_times()[:2]) - before
    await database.close()
    report(delays, used, rate)


def sign(folder: Path, owner: UUID) -> str:
    claims = {"sub": str(owner), "role": "authenticated", "aud": "authenticated"}
    times = {"exp": int(time.time()) + 3600, "iss": f"{PUBLIC_URL}/auth/v1"}
    return SigningKey.of(folder).sign(claims | times)


def report(delays: Sequence[float], cpu_seconds: float, rate: float) -> None:
    delays = sorted(delays)
    median, p95 = statistics.median(delays), delays[int(len(delays) * 0.95)]
    print(f"{WATCHERS} watchers, {EVENTS} events at {rate:g}/s: each once, in order, to each")
    print(f"insert to arrival: median {median * 1000:.1f} ms, p95 {p95 * 1000:.1f} ms")
    print(f"server: {cpu_seconds:.1f} CPU seconds for {WATCHERS * EVENTS:,} deliveries")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=50, help="events written per second")
    rate = parser.parse_args().rate
    with tempfile.TemporaryDirectory(prefix="ml-") as path:
        folder = Path(path).resolve()
        try:
            urls = postgres.start(folder / postgres.FOLDER)
            asyncio.run(benchmark(folder, urls, rate))
        finally:
            postgres.stop(folder / postgres.FOLDER)


if __name__ == "__main__":
    main()
