"""Models and versions: seen, compared, exported, promoted, rolled back, deleted."""

import io
import tarfile
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import pytest

from app.core.auth import User
from app.core.database import Database
from app.core.settings import Settings
from app.core.storage import Storage, artifact_path, open_storage
from tests.conftest import Token
from tests.rows import add_model, add_version

FILES = {
    "manifest.json": b"{}",
    "weights/model.bin": bytes(1000),
    "report.html": b"<h1>Report</h1>",
}


@pytest.fixture
def storage(settings: Settings) -> Storage:
    return open_storage(settings)


@pytest.fixture
async def mine(client: httpx.AsyncClient, user: User, token: Token) -> httpx.AsyncClient:
    client.headers["Authorization"] = f"Bearer {token(user)}"
    return client


@pytest.fixture
async def model(database: Database, user: User) -> UUID:
    """Version 1 was in production, 2 is, 3 may come."""
    model_id = await add_model(database, user)
    await add_version(database, user, model_id, 1, "archived")
    await add_version(database, user, model_id, 2, "production", "http://127.0.0.1:9")
    await add_version(database, user, model_id, 3, "candidate", config={"epochs": 5, "seed": 42})
    return model_id


async def jobs_of(database: Database, user: User) -> list[dict[str, Any]]:
    async with database.as_user(user) as connection:
        rows = await connection.fetch(
            "select j.kind, v.number from ml_jobs j"
            " join ml_model_versions v on v.id = j.model_version_id order by j.created_at"
        )
    return [dict(row) for row in rows]


async def test_models_are_listed_page_by_page(
    mine: httpx.AsyncClient, database: Database, user: User, model: UUID
) -> None:
    for name in ("b", "a"):
        await add_model(database, user, name)
    page = (await mine.get("/ml/models?limit=2")).json()
    rest = (await mine.get(f"/ml/models?limit=2&cursor={page['next_cursor']}")).json()
    assert [one["name"] for one in page["items"] + rest["items"]] == ["a", "b", "trades"]
    trades = rest["items"][0]
    assert (trades["versions"], trades["production"], trades["is_served"]) == (3, 2, True)
    assert trades["metrics"] == {"accuracy": 0.2}


async def test_a_model_says_what_it_takes(mine: httpx.AsyncClient, model: UUID) -> None:
    found = (await mine.get("/ml/models/trades")).json()
    assert found["labels"] == ["plumber", "welder"]
    assert list(found["input"]["properties"]) == ["text"]


async def test_a_new_model_says_what_its_recipe_takes(
    mine: httpx.AsyncClient, database: Database, user: User
) -> None:
    await add_model(database, user)
    found = (await mine.get("/ml/models/trades")).json()
    assert (found["production"], found["is_served"]) == (None, False)
    assert list(found["output"]["properties"]) == ["label"]


async def test_versions(mine: httpx.AsyncClient, model: UUID) -> None:
    page = (await mine.get("/ml/models/trades/versions")).json()
    assert {one["number"]: one["stage"] for one in page["items"]} == {
        3: "candidate",
        2: "production",
        1: "archived",
    }
    found = (await mine.get("/ml/models/trades/versions/3")).json()
    assert found["manifest"]["config"] == {"epochs": 5, "seed": 42}
    assert (await mine.get("/ml/models/trades/versions/4")).status_code == 404


async def test_versions_side_by_side(mine: httpx.AsyncClient, model: UUID) -> None:
    found = (await mine.get("/ml/models/trades/compare?versions=3,1")).json()
    assert [one["number"] for one in found["versions"]] == [1, 3]
    assert found["metrics"] == [{"name": "accuracy", "values": [0.1, 0.3], "differs": True}]
    assert found["settings"] == [
        {"name": "epochs", "values": [3, 5], "differs": True},
        {"name": "seed", "values": [42, 42], "differs": False},
    ]
    assert (await mine.get("/ml/models/trades/compare?versions=1,9")).status_code == 404
    assert (await mine.get("/ml/models/trades/compare?versions=a")).status_code == 422


async def test_promoting_is_a_job(
    mine: httpx.AsyncClient, database: Database, user: User, model: UUID
) -> None:
    headers = {"Idempotency-Key": "one"}
    first = await mine.post("/ml/models/trades/versions/3/promote", headers=headers)
    assert first.status_code == 202
    assert first.headers["Location"] == f"/ml/jobs/{first.json()['id']}"
    again = await mine.post("/ml/models/trades/versions/3/promote", headers=headers)
    assert again.json() == first.json()
    other = await mine.post("/ml/models/trades/versions/1/promote", headers=headers)
    assert other.status_code == 422
    assert await jobs_of(database, user) == [{"kind": "deploy", "number": 3}]


async def test_rolling_back_goes_to_the_version_before(
    mine: httpx.AsyncClient, database: Database, user: User, model: UUID
) -> None:
    assert (await mine.post("/ml/models/trades/rollback")).status_code == 202
    assert await jobs_of(database, user) == [{"kind": "deploy", "number": 1}]


async def test_there_may_be_nothing_to_roll_back_to(
    mine: httpx.AsyncClient, database: Database, user: User
) -> None:
    await add_version(database, user, await add_model(database, user))
    answer = await mine.post("/ml/models/trades/rollback")
    assert answer.status_code == 409


async def test_the_artifact_comes_as_a_tar_file(
    mine: httpx.AsyncClient, database: Database, user: User, storage: Storage
) -> None:
    version = await add_version(database, user, await add_model(database, user))
    for name, content in FILES.items():
        await storage.put(f"{artifact_path(user.id, version)}/{name}", _chunks(content))
    answer = await mine.get("/ml/models/trades/versions/1/artifact")
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    with tarfile.open(fileobj=io.BytesIO(answer.content)) as tar:
        found = {entry.name: tar.extractfile(entry) for entry in tar.getmembers()}
        assert {name: file.read() for name, file in found.items() if file} == FILES


async def test_the_report_can_do_nothing(
    mine: httpx.AsyncClient, database: Database, user: User, storage: Storage
) -> None:
    version = await add_version(database, user, await add_model(database, user))
    path = f"{artifact_path(user.id, version)}/report.html"
    assert (await mine.get("/ml/models/trades/versions/1/report")).status_code == 404
    await storage.put(path, _chunks(FILES["report.html"]))
    answer = await mine.get("/ml/models/trades/versions/1/report")
    assert answer.content == FILES["report.html"]
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert "script" not in policy


async def test_deleting_takes_the_files_too(
    mine: httpx.AsyncClient, database: Database, user: User, storage: Storage, settings: Settings
) -> None:
    version = await add_version(database, user, await add_model(database, user))
    await storage.put(f"{artifact_path(user.id, version)}/manifest.json", _chunks(b"{}"))
    await mine.post("/ml/models/trades/versions/1/promote")
    answer = await mine.delete("/ml/models/trades")
    assert answer.status_code == 409
    assert "cancel it first" in answer.json()["detail"]
    async with database.as_service() as connection:
        await connection.execute("update ml_jobs set status = 'cancelled'")
    assert (await mine.delete("/ml/models/trades")).status_code == 204
    assert (await mine.get("/ml/models/trades")).status_code == 404
    assert not list((settings.ml_data_dir / "storage" / "artifacts").rglob("*.json"))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("DELETE", ""),
        ("GET", "/versions"),
        ("GET", "/versions/2"),
        ("GET", "/versions/2/report"),
        ("GET", "/versions/2/artifact"),
        ("GET", "/compare?versions=1,2"),
        ("POST", "/versions/3/promote"),
        ("POST", "/rollback"),
    ],
)
async def test_another_users_model_is_not_there(
    client: httpx.AsyncClient, other: User, token: Token, model: UUID, method: str, path: str
) -> None:
    headers = {"Authorization": f"Bearer {token(other)}"}
    answer = await client.request(method, f"/ml/models/trades{path}", headers=headers)
    assert answer.status_code == 404
    assert (await client.request(method, f"/ml/models/trades{path}")).status_code == 401


async def test_a_recipe_that_is_gone(
    mine: httpx.AsyncClient, database: Database, model: UUID
) -> None:
    async with database.as_service() as connection:
        await connection.execute("delete from ml_recipes")
    answer = await mine.post("/ml/models/trades/rollback")
    assert answer.status_code == 409
    assert "No worker knows the recipe 'echo'" in answer.json()["detail"]


async def _chunks(content: bytes) -> AsyncIterator[bytes]:
    yield content
