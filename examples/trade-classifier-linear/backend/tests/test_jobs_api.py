"""Jobs as their owner handles them: started once, watched, cancelled, resumed."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from app.core.auth import User
from app.core.database import Database
from app.core.local_storage import LocalStorage
from app.core.settings import Settings
from app.core.storage import job_path
from tests.conftest import Token
from tests.rooms import Room, add_job, add_recipe


@pytest.fixture
async def room(client: httpx.AsyncClient, user: User, token: Token, database: Database) -> Room:
    await add_recipe(database)
    return Room(client, token(user))


@pytest.fixture
def stranger(client: httpx.AsyncClient, other: User, token: Token) -> Room:
    return Room(client, token(other))


@pytest.fixture
async def data(room: Room) -> str:
    return str((await room.upload(await room.add_dataset()))["id"])


def training(data: str, **changes: Any) -> dict[str, Any]:
    body = {
        "kind": "train",
        "model": "trades",
        "recipe": "trade_classifier",
        "dataset_version_id": data,
        "settings": {"epochs": 2},
        "cost_limit_usd": 2.5,
    }
    return body | changes


async def set_job(database: Database, job: UUID, **values: Any) -> None:
    names = ", ".join(f"{name} = ${n}" for n, name in enumerate(values, start=2))
    async with database.as_service() as connection:
        await connection.execute(f"update ml_jobs set {names} where id = $1", job, *values.values())


async def kinds(room: Room, job: UUID) -> list[str]:
    page = await room.json("GET", f"/jobs/{job}/events?format=json")
    return [event["kind"] for event in page["items"]]


async def test_an_estimate_is_a_job(room: Room, data: str) -> None:
    body = {"recipe": "trade_classifier", "dataset_version_id": data, "settings": {"epochs": 2}}
    headers = {"Idempotency-Key": "once"}
    first = await room.ask("POST", "/estimates", 202, json=body, headers=headers)
    again = await room.ask("POST", "/estimates", 202, json=body, headers=headers)
    assert first.json()["id"] == again.json()["id"]
    job = await room.json("GET", first.headers["Location"].removeprefix("/ml"))
    assert (job["kind"], job["settings"]) == ("estimate", {"epochs": 2})
    problem = (
        await room.ask("POST", "/estimates", 422, json=body | {"settings": {"epochs": 0}})
    ).json()
    assert problem["errors"][0]["field"] == "settings.epochs"
    await room.ask("POST", "/estimates", 409, json=body | {"recipe": "unknown"})
    await room.ask("POST", "/estimates", 404, json=body | {"dataset_version_id": str(uuid4())})


async def test_recipes_show_what_a_user_may_set(room: Room) -> None:
    (recipe,) = (await room.json("GET", "/recipes"))["items"]
    assert recipe["name"] == "trade_classifier"
    assert set(recipe["settings"]["properties"]) == {"epochs", "rates"}
    assert recipe["settings"]["required"] == []
    assert recipe["columns"] == ["text", "label"]


async def test_a_training_is_queued(room: Room, data: str) -> None:
    answer = await room.ask("POST", "/jobs", 202, json=training(data))
    job = await room.json("GET", answer.headers["Location"].removeprefix("/ml"))
    assert job["id"] == answer.json()["id"]
    assert (job["status"], job["kind"], job["model"]) == ("queued", "train", "trades")
    assert (job["settings"], job["cost_limit_usd"]) == ({"epochs": 2}, 2.5)
    again = training(data, recipe=None, settings={})
    assert (await room.json("POST", "/jobs", 202, json=again))["id"] != job["id"]


async def test_a_key_acts_once(room: Room, data: str) -> None:
    headers = {"Idempotency-Key": str(uuid4())}
    ids = {
        (await room.json("POST", "/jobs", 202, json=training(data), headers=headers))["id"]
        for _ in range(3)
    }
    assert len(ids) == 1
    other = training(data, settings={"epochs": 9})
    problem = await room.json("POST", "/jobs", 422, json=other, headers=headers)
    assert problem["errors"][0]["field"] == "Idempotency-Key"
    assert len((await room.json("GET", "/jobs"))["items"]) == 1


async def test_a_key_answers_even_when_the_data_has_turned_out_bad(
    room: Room, data: str, database: Database
) -> None:
    headers = {"Idempotency-Key": "k"}
    first = await room.json("POST", "/jobs", 202, json=training(data), headers=headers)
    async with database.as_service() as connection:
        await connection.execute("update ml_dataset_versions set status = 'invalid'")
    again = await room.json("POST", "/jobs", 202, json=training(data), headers=headers)
    assert again["id"] == first["id"]
    await room.ask("POST", "/jobs", 409, json=training(data))


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"settings": {"epochs": 0}}, 422, "settings.epochs"),
        ({"settings": {"epochs": "many"}}, 422, "settings.epochs"),
        ({"settings": {"rates": [1, "x"]}}, 422, "settings.rates.1"),
        ({"settings": {"epoch": 3}}, 422, "settings.epoch"),
        ({"settings": {"data": "/etc/passwd"}}, 422, "settings.data"),
        ({"settings": {"resume": True}}, 422, "settings.resume"),
        ({"settings": {"output": "/tmp"}}, 422, "settings.output"),
        ({"settings": {"columns": {}}}, 422, "settings.columns"),
        ({"settings": []}, 422, "settings"),
        ({"cost_limit_usd": 0}, 422, "cost_limit_usd"),
        ({"cost_limit_usd": 1e30}, 422, "cost_limit_usd"),
        ({"model": "No Name"}, 422, "model"),
        ({"recipe": None}, 422, "recipe"),
        ({"kind": "deploy"}, 422, "kind"),
        ({"surprise": 1}, 422, "surprise"),
        ({"recipe": "unknown"}, 409, None),
        ({"dataset_version_id": str(uuid4())}, 404, None),
    ],
)
async def test_what_a_training_cannot_be(
    room: Room, data: str, changes: dict[str, Any], status: int, field: str | None
) -> None:
    problem = await room.json("POST", "/jobs", status, json=training(data, **changes))
    assert field is None or problem["errors"][0]["field"] == field
    assert (await room.json("GET", "/jobs"))["items"] == []
    assert (await room.json("GET", "/models"))["items"] == []


async def test_a_model_keeps_its_recipe(room: Room, data: str, database: Database) -> None:
    await add_recipe(database, "other")
    await room.ask("POST", "/jobs", 202, json=training(data))
    problem = await room.json("POST", "/jobs", 409, json=training(data, recipe="other"))
    assert "is trained by 'trade_classifier'" in problem["detail"]


async def test_list(room: Room, data: str, database: Database, user: User) -> None:
    check = await add_job(database, user, "failed")
    train = (await room.json("POST", "/jobs", 202, json=training(data)))["id"]

    async def ids(query: str) -> list[str]:
        return [job["id"] for job in (await room.json("GET", f"/jobs?{query}"))["items"]]

    assert await ids("") == [train, str(check)]
    assert await ids("status=failed") == [str(check)]
    assert await ids("kind=train&model=trades") == [train]
    assert await ids("model=other") == []
    first = await room.json("GET", "/jobs?limit=1")
    assert await ids(f"limit=1&cursor={first['next_cursor']}") == [str(check)]
    await room.ask("GET", "/jobs?status=odd", 422)


async def test_etag(room: Room, database: Database, user: User) -> None:
    job = await add_job(database, user)
    etag = (await room.ask("GET", f"/jobs/{job}", 200)).headers["ETag"]
    await room.ask("GET", f"/jobs/{job}", 304, headers={"If-None-Match": f'"x", {etag}'})
    await set_job(database, job, progress={"step": 1})
    await room.ask("GET", f"/jobs/{job}", 200, headers={"If-None-Match": etag})


async def test_cancelling_a_job_that_waits(room: Room, database: Database, user: User) -> None:
    job = await add_job(database, user)
    for _ in range(2):
        cancelled = await room.json("POST", f"/jobs/{job}/cancel")
        assert cancelled["status"] == "cancelled"
    assert await kinds(room, job) == ["cancelled"]


async def test_cancelling_a_job_that_runs(room: Room, database: Database, user: User) -> None:
    job = await add_job(database, user, "running")
    told = await room.json("POST", f"/jobs/{job}/cancel")
    assert (told["status"], told["is_cancelling"]) == ("running", True)
    assert await kinds(room, job) == []


async def test_a_waiting_job_with_a_run_is_left_to_a_worker(
    room: Room, database: Database, user: User
) -> None:
    job = await add_job(database, user)
    await set_job(database, job, handle=f"ml-{job}")
    told = await room.json("POST", f"/jobs/{job}/cancel")
    assert (told["status"], told["is_cancelling"]) == ("queued", True)


@pytest.mark.parametrize("status", ["succeeded", "failed", "stopped"])
async def test_what_is_over_is_not_cancelled(
    room: Room, database: Database, user: User, status: str
) -> None:
    job = await add_job(database, user, status)
    await room.ask("POST", f"/jobs/{job}/cancel", 409)


@pytest.mark.parametrize("status", ["failed", "stopped", "cancelled"])
async def test_resume(room: Room, database: Database, user: User, status: str) -> None:
    job = await add_job(database, user, status)
    await set_job(database, job, attempts=3, error="Lost.", handle=f"ml-{job}")
    resumed = await room.json("POST", f"/jobs/{job}/resume")
    assert (resumed["status"], resumed["attempts"], resumed["error"]) == ("queued", 0, None)
    assert not resumed["is_cancelling"]
    assert await kinds(room, job) == ["queued"]
    await room.ask("POST", f"/jobs/{job}/resume", 409)


@pytest.mark.parametrize("status", ["queued", "running", "succeeded"])
async def test_what_did_not_end_early_is_not_resumed(
    room: Room, database: Database, user: User, status: str
) -> None:
    job = await add_job(database, user, status)
    assert "only failed" in (await room.json("POST", f"/jobs/{job}/resume", 409))["detail"]


async def test_log_and_result(
    room: Room, database: Database, user: User, settings: Settings
) -> None:
    async def once(content: bytes) -> AsyncIterator[bytes]:
        yield content

    storage = LocalStorage(settings.ml_data_dir / "storage")
    job = await add_job(database, user, "running")
    assert "nothing yet" in (await room.json("GET", f"/jobs/{job}/log", 404))["detail"]
    await storage.put(job_path(user.id, job, "log.txt"), once(b"<b>step 1</b>\n"))
    log = await room.ask("GET", f"/jobs/{job}/log", 200)
    assert log.text == "<b>step 1</b>\n"
    assert log.headers["content-type"].startswith("text/plain")
    assert log.headers["X-Content-Type-Options"] == "nosniff"
    await room.ask("GET", f"/jobs/{job}/result", 409)
    await set_job(database, job, kind="batch")
    await room.ask("GET", f"/jobs/{job}/result", 409)
    await set_job(database, job, status="succeeded")
    await storage.put(job_path(user.id, job, "output.csv"), once(b"a,b\n"))
    result = await room.ask("GET", f"/jobs/{job}/result", 200)
    assert result.text == "a,b\n"
    assert f'filename="{job}.csv"' in result.headers["Content-Disposition"]


async def test_strangers_find_no_job(
    room: Room, stranger: Room, data: str, database: Database, user: User
) -> None:
    job = await add_job(database, user)
    for method, path in (
        *(("GET", ""), ("GET", "/events"), ("GET", "/events?format=json"), ("GET", "/log")),
        *(("GET", "/result"), ("POST", "/cancel"), ("POST", "/resume")),
    ):
        await stranger.ask(method, f"/jobs/{job}{path}", 404)
    assert (await stranger.json("GET", "/jobs"))["items"] == []
    await stranger.ask("POST", "/jobs", 404, json=training(data))
    assert (await room.json("GET", f"/jobs/{job}"))["status"] == "queued"


async def test_no_token_no_job(client: httpx.AsyncClient) -> None:
    for path in ("/jobs", f"/jobs/{uuid4()}/events", "/recipes", "/corrections"):
        assert (await client.get(f"/ml{path}")).status_code == 401
