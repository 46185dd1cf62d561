"""What the backend adds to a model server: `python -m benchmarks.predict [--rounds 40]`.

Trains a linear model in seconds, serves it, puts the backend with its embedded database in front,
and asks both by turns, one request at a time, never twice the same. The figures are medians.
"""

import argparse
import asyncio
import contextlib
import http.client
import itertools
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg

from benchmarks.texts import TRADES

ROOT = Path(__file__).parents[1]
TEMPLATES = ROOT / "templates"
TASK = TEMPLATES / "tasks" / "text-classification"
LOCAL = TEMPLATES / "providers" / "local"
BACKEND = TEMPLATES / "project" / "backend"
MODEL_PATHS = (TEMPLATES / "project" / "ml", TASK / "linear", TASK, LOCAL)
START_SECONDS = 60
WARM_UP = 100  # requests to each
BAR = 3.0  # ms that may be added


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--requests", type=int, default=50, help="to each server in a round")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ml-") as folder, contextlib.ExitStack() as stack:
        artifact = train(Path(folder))
        server = stack.enter_context(serving(artifact))
        backend, token = stack.enter_context(backend_before(server, artifact, Path(folder)))
        servers = [
            Server(server, "/predict", lambda text: {"text": text}, {}, new_texts()),
            Server(
                backend,
                "/ml/predict",
                lambda text: {"model": "trades", "input": {"text": text}},
                {"Authorization": f"Bearer {token}"},
                new_texts(),
            ),
        ]
        alone, through = compare(servers, options.rounds, options.requests)
    added = through - alone
    print(
        f"model server {alone:.2f} ms, through the backend {through:.2f} ms: {added:.2f} ms added"
    )
    if added > BAR:
        raise SystemExit(f"More than the {BAR:g} ms that it may add.")


def train(folder: Path) -> Path:
    command = [LOCAL / "train.py", "--data", TRADES / "train.jsonl", "--output", folder / "runs"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, MODEL_PATHS))}
    run(command, environment, TASK)
    return next(folder.glob("runs/*/manifest.json")).parent


@contextlib.contextmanager
def serving(artifact: Path) -> Iterator[int]:
    """The model server's port."""
    port = free_port()
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, MODEL_PATHS))}
    command = [LOCAL / "serve.py", "--artifact", artifact, "--port", port]
    with process(command, environment, TASK):
        wait_until_ready(port)
        yield port


@contextlib.contextmanager
def backend_before(server: int, artifact: Path, folder: Path) -> Iterator[tuple[int, str]]:
    """The backend's port, and the token of a user whose model `trades` is served at `server`."""
    port = free_port()
    environment = os.environ | {
        "ML_DATA_DIR": str(folder / "data"),
        "PORT": str(port),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "REQUESTS_PER_MINUTE": "1000000",
    }
    run(["-m", "app.local.postgres", "start"], environment, BACKEND)
    try:
        run(["-m", "app.migrate"], environment, BACKEND)
        with process(["-m", "app.main"], environment, BACKEND):
            wait_until_ready(port)
            session = sign_up(port)
            url = run(["-m", "app.local.postgres", "url"], environment, BACKEND).strip()
            manifest = json.loads((artifact / "manifest.json").read_text("utf-8"))
            asyncio.run(add_model(url, session["user"]["id"], manifest, server))
            yield port, session["access_token"]
    finally:
        run(["-m", "app.local.postgres", "stop"], environment, BACKEND)


def sign_up(port: int) -> dict[str, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    account = {"email": "bench@example.com", "password": str(uuid4())}
    session: dict[str, Any] = post(connection, "/auth/v1/signup", account, {})
    return session


async def add_model(url: str, owner: str, manifest: dict[str, Any], server: int) -> None:
    connection = await asyncpg.connect(url)
    model = await connection.fetchval(
        "insert into ml_models (owner_id, name, recipe) values ($1, 'trades', 'trades') returning id",
        owner,
    )
    await connection.execute(
        "insert into ml_model_versions (owner_id, model_id, number, job_id, stage, manifest, bytes,"
        " endpoint_url) values ($1, $2, 1, gen_random_uuid(), 'production', $3, 0, $4)",
        owner,
        model,
        json.dumps(manifest),
        f"http://127.0.0.1:{server}",
    )
    await connection.close()


@dataclass(frozen=True)
class Server:
    port: int
    path: str
    body: Callable[[str], dict[str, Any]]
    headers: dict[str, str]
    texts: Iterator[str]

    def measure(self, requests: int) -> list[float]:
        """Seconds that each answer took, over a connection that is open already."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        taken = []
        for text in itertools.islice(self.texts, requests + 1):
            started = time.perf_counter()
            post(connection, self.path, self.body(text), self.headers)
            taken.append(time.perf_counter() - started)
        connection.close()
        return taken[1:]


def new_texts() -> Iterator[str]:
    """Statements like those that the model has learnt from, with a number that makes them new."""
    lines = (TRADES / "val.jsonl").read_text("utf-8").splitlines()
    statements = itertools.cycle(json.loads(line)["text"] for line in lines)
    return (f"{statement} {number}" for number, statement in enumerate(statements))


def post(
    connection: http.client.HTTPConnection, path: str, body: Any, headers: dict[str, str]
) -> Any:
    headers = {"Content-Type": "application/json", **headers}
    connection.request("POST", path, json.dumps(body), headers)
    with connection.getresponse() as answer:
        content = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{path} answers {answer.status}: {content.decode()}")
    return json.loads(content)


def compare(servers: Sequence[Server], rounds: int, requests: int) -> list[float]:
    """Medians in milliseconds; the servers take turns, so that a busy moment meets all."""
    taken: list[list[float]] = [[] for _ in servers]
    for server in servers:
        server.measure(WARM_UP)
    for _ in range(rounds):
        for server, seconds in zip(servers, taken, strict=True):
            seconds += server.measure(requests)
    return [1000 * statistics.median(seconds) for seconds in taken]


def run(command: list[Any], environment: dict[str, str], folder: Path) -> str:
    arguments = [sys.executable, *map(str, command)]
    done = subprocess.run(
        arguments, check=True, env=environment, cwd=folder, stdout=subprocess.PIPE, text=True
    )
    return done.stdout


@contextlib.contextmanager
def process(command: list[Any], environment: dict[str, str], folder: Path) -> Iterator[None]:
    arguments = [sys.executable, *map(str, command)]
    started = subprocess.Popen(
        arguments,
        env=environment,
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        started.terminate()
        started.wait(20)


def wait_until_ready(port: int) -> None:
    until = time.perf_counter() + START_SECONDS
    while time.perf_counter() < until:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        with contextlib.suppress(OSError), contextlib.closing(connection):
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        time.sleep(0.05)
    raise TimeoutError(f"Nothing ready at port {port} after {START_SECONDS} s.")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


if __name__ == "__main__":
    main()
