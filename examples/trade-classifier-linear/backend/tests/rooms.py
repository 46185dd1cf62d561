"""What the tests of the API share: a signed-in client, a recipe, and rows to start from."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx
import uvicorn
from fastapi import FastAPI

from app.core.auth import User
from app.core.database import Database

CSV = b"statement,trade\nBend conduit.,electrician\nWeld a frame.,welder\n"
RECIPE = {
    "provider": "local",
    "title": "Text classification",
    "task": "text-classification",
    "algorithm": "linear",
    "columns": ["text", "label"],
    "metric": "macro_f1",
    "settings": {
        "type": "object",
        "properties": {
            "data": {"type": "string"},
            "output": {"type": "string"},
            "epochs": {"type": "integer", "minimum": 1, "default": 3},
            "rates": {"type": "array", "items": {"type": "number"}},
        },
        "required": ["data"],
    },
    "input": {"type": "object", "properties": {"text": {"type": "string"}}},
    "output": {
        "type": "object",
        "properties": {
            "label": {"type": "string"},
            "scores": {"$ref": "#/$defs/Scores"},
        },
        "$defs": {"Scores": {"type": "object", "additionalProperties": {"type": "number"}}},
    },
}


class Room:
    """The API, as one user sees it."""

    def __init__(self, client: httpx.AsyncClient, token: str) -> None:
        self._client = client
        self.headers = {"Authorization": f"Bearer {token}"}

    async def ask(self, method: str, path: str, status: int, **options: Any) -> httpx.Response:
        headers = self.headers | options.pop("headers", {})
        answer = await self._client.request(method, f"/ml{path}", headers=headers, **options)
        assert answer.status_code == status, answer.text
        return answer

    async def json(self, method: str, path: str, status: int = 200, **options: Any) -> Any:
        return (await self.ask(method, path, status, **options)).json()

    async def add_dataset(self, name: str = "statements") -> str:
        created = await self.json("POST", "/datasets", 201, json={"name": name})
        return str(created["id"])

    async def upload(
        self, dataset: str, content: bytes = CSV, name: str = "rows.csv", status: int = 201
    ) -> Any:
        files = {"file": (name, content)}
        return await self.json("POST", f"/datasets/{dataset}/versions", status, files=files)


async def add_recipe(database: Database, name: str = "trade_classifier") -> str:
    async with database.as_service() as connection:
        await connection.execute(
            "insert into ml_recipes (name, provider, description) values ($1, 'local', $2)",
            name,
            RECIPE,
        )
    return name


async def add_job(database: Database, user: User, status: str = "queued") -> UUID:
    """A check, as a worker or its owner would have left it."""
    async with database.as_service() as connection:
        job: UUID = await connection.fetchval(
            "insert into ml_jobs (owner_id, kind, recipe, provider, status)"
            " values ($1, 'check', 'trade_classifier', 'local', $2) returning id",
            user.id,
            status,
        )
    return job


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    """The application behind a real server, as streams need it; yields its address."""
    config = uvicorn.Config(app, port=0, log_config=None, timeout_graceful_shutdown=5)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await serving


def lines(content: str) -> list[Any]:
    return [json.loads(line) for line in content.splitlines()]
