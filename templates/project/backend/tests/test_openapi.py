"""The description of the interface: complete, and true for whatever is sent."""

import asyncio
import json
import os
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from app import openapi
from app.core.auth import User
from app.core.database import Database
from app.core.settings import Settings
from app.main import create_app
from tests.conftest import Token
from tests.fake_server import FakeModel, serving
from tests.rows import add_model, add_version

EXAMPLES = 10  # of each operation


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    values = {"_env_file": None, "supabase_url": "https://a.example"}
    return create_app(Settings.model_validate(values)).openapi()


def operations(description: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_operations_have_names_for_a_client(description: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, operation in operations(description)]
    assert len(set(names)) == len(names)
    assert [
        name for name in names if not name.isidentifier() or "__" in name or len(name) > 40
    ] == []


def test_operations_say_what_they_do(description: dict[str, Any]) -> None:
    silent = [
        name
        for name, operation in operations(description)
        if not operation.get("summary") or not operation.get("description")
    ]
    assert silent == []


def test_errors_are_documented_as_problems(description: dict[str, Any]) -> None:
    for name, operation in operations(description):
        for status, response in operation["responses"].items():
            if int(status) >= 400 and name != "GET /readyz":
                assert list(response["content"]) == ["application/problem+json"], (name, status)
        if name.partition(" ")[2].startswith("/ml/"):
            assert {"401", "429", "503"} <= operation["responses"].keys(), name


def test_whatever_is_below_ml_needs_a_user(description: dict[str, Any]) -> None:
    for name, operation in operations(description):
        needs_user = "security" in operation
        assert needs_user == name.partition(" ")[2].startswith("/ml/"), name


def test_bodies_have_examples(description: dict[str, Any]) -> None:
    bare = []
    for name, operation in operations(description):
        good = [
            response
            for status, response in operation["responses"].items()
            if status in ("200", "201", "202")
        ]
        for body in [*good, operation.get("requestBody", {})]:
            media = body.get("content", {}).get("application/json")
            if media and not has_example(media, description):
                bare.append(name)
    assert bare == []


def has_example(part: Any, description: dict[str, Any], seen: tuple[str, ...] = ()) -> bool:
    """Of its own, or in something it is made of."""
    if isinstance(part, list):
        return any(has_example(one, description, seen) for one in part)
    if not isinstance(part, dict):
        return False
    if {"example", "examples"} & part.keys() or part.get("format") == "binary":
        return True
    if (reference := part.get("$ref")) and reference not in seen:
        schema = description["components"]["schemas"][reference.rpartition("/")[2]]
        return has_example(schema, description, (*seen, reference))
    return any(has_example(one, description, seen) for one in part.values())


def test_every_reference_leads_somewhere(description: dict[str, Any]) -> None:
    schemas = description["components"]["schemas"]

    def references(part: Any) -> Iterator[str]:
        if isinstance(part, dict):
            if isinstance(part.get("$ref"), str):
                yield part["$ref"].rpartition("/")[2]
            for one in part.values():
                yield from references(one)
        elif isinstance(part, list):
            for one in part:
                yield from references(one)

    assert set(references(description)) - schemas.keys() == set()


def test_it_is_printed_the_same_in_every_environment(
    description: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("SUPABASE_URL", "PORT"):
        monkeypatch.setenv(name, "nonsense")
    assert json.loads(openapi.description()) == description
    file = tmp_path / "openapi.json"
    monkeypatch.setattr(sys, "argv", ["openapi", "--check", str(file)])
    assert openapi.main() == 1
    file.write_text(openapi.description(), encoding="utf-8")
    assert openapi.main() == 0


@pytest.mark.slow
async def test_nothing_that_is_sent_makes_the_server_fail(
    settings: Settings, database: Database, user: User, token: Token
) -> None:
    """By schemathesis, which makes up requests by the description."""
    model = FakeModel()
    async with serving("/predict", model.answer) as model_url, running(settings) as url:
        await add_version(database, user, await add_model(database, user), url=model_url)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "schemathesis.cli", "run", f"{url}/openapi.json"),
            *("--header", f"Authorization: Bearer {token(user)}"),
            *("--checks", "not_a_server_error", "--max-examples", str(EXAMPLES)),
            *("--exclude-operation-id", "create_dataset_version"),  # it asks other servers
            *("--exclude-operation-id", "delete_model"),  # the others need it
            *("--generation-database", "none", "--no-color"),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[str]:
    """The address of the application, in a process of its own."""
    assert settings.database_url
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = os.environ | {
        "DATABASE_URL": settings.database_url.get_secret_value(),
        "ML_DATA_DIR": str(settings.ml_data_dir),
        "PORT": str(port),
        "REQUESTS_PER_MINUTE": "1000000",
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app.main"), env=environment, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        url = f"http://127.0.0.1:{port}"
        await until_ready(url)
        yield url
    finally:
        process.terminate()
        await process.wait()


async def until_ready(url: str) -> None:
    async with httpx.AsyncClient() as client, asyncio.timeout(30):
        while True:
            try:
                if (await client.get(f"{url}/readyz")).status_code == 200:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.1)
