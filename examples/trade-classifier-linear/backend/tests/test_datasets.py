"""Data sets and their versions: from every source, in every state, for their owner alone."""

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from app.core.auth import User
from app.core.database import Database
from app.core.problems import Problem
from app.core.settings import Settings
from tests.conftest import Token
from tests.rooms import CSV, Room, add_job, add_recipe, lines


@pytest.fixture
def room(client: httpx.AsyncClient, user: User, token: Token) -> Room:
    return Room(client, token(user))


@pytest.fixture
def stranger(client: httpx.AsyncClient, other: User, token: Token) -> Room:
    return Room(client, token(other))


def files(settings: Settings) -> list[str]:
    folder = settings.ml_data_dir / "storage"
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


async def test_create_list_rename_delete(room: Room) -> None:
    created = await room.ask("POST", "/datasets", 201, json={"name": " statements "})
    dataset = created.json()
    assert created.headers["Location"] == f"/ml/datasets/{dataset['id']}"
    assert dataset["name"] == "statements"
    assert dataset["newest_version"] is None
    await room.ask("POST", "/datasets", 409, json={"name": "statements"})
    other = await room.add_dataset("other")
    await room.ask("PATCH", f"/datasets/{other}", 409, json={"name": "statements"})
    renamed = await room.json("PATCH", f"/datasets/{other}", json={"name": "trades"})
    assert renamed["name"] == "trades"
    first = await room.json("GET", "/datasets?limit=1")
    second = await room.json("GET", f"/datasets?limit=1&cursor={first['next_cursor']}")
    assert [item["name"] for item in first["items"] + second["items"]] == ["trades", "statements"]
    assert second["next_cursor"] is None
    await room.ask("DELETE", f"/datasets/{other}", 204)
    await room.ask("GET", f"/datasets/{other}", 404)
    await room.ask("DELETE", f"/datasets/{other}", 404)


async def test_a_version_is_found_by_its_id(room: Room, stranger: Room) -> None:
    version = await room.upload(await room.add_dataset())
    path = f"/dataset-versions/{version['id']}"
    assert (await room.json("GET", path))["dataset_id"] == version["dataset_id"]
    await stranger.ask("GET", path, 404)


@pytest.mark.parametrize("name", ["", "  ", "x" * 201, "a\x00b", "\ud800"])
async def test_names_that_cannot_be_kept(room: Room, name: str) -> None:
    body = json.dumps({"name": name})
    headers = {"Content-Type": "application/json"}
    await room.ask("POST", "/datasets", 422, content=body, headers=headers)


async def test_upload(room: Room, settings: Settings) -> None:
    dataset = await room.add_dataset()
    version = await room.upload(dataset, name="C:\\data\\rows.csv")
    assert version["number"] == 1
    assert version["source"] == "upload"
    assert version["source_name"] == "rows.csv"
    assert version["row_count"] == 2
    assert version["bytes"] == len(CSV)
    assert version["status"] == "unchecked"
    assert version["preview"]["columns"] == [
        {"name": "statement", "kind": "text"},
        {"name": "trade", "kind": "text"},
    ]
    assert version["preview"]["rows"][1] == {
        "number": 3,
        "values": {"statement": "Weld a frame.", "trade": "welder"},
    }
    assert files(settings) == [f"{version['id']}.csv", f"{version['id']}.preview.json"]
    assert (await room.upload(dataset))["number"] == 2
    listed = await room.json("GET", f"/datasets/{dataset}/versions")
    assert [item["number"] for item in listed["items"]] == [2, 1]
    assert (await room.json("GET", f"/datasets/{dataset}"))["newest_version"] == 2


async def test_broken_rows_are_named(room: Room, settings: Settings) -> None:
    dataset = await room.add_dataset()
    problem = await room.upload(dataset, b"a,b\n1\n2,3\n4\n", status=422)
    assert problem["detail"].startswith("rows.csv: row 2: has 1 of 2 values")
    assert problem["detail"].endswith("(1 more)")
    assert [error["field"] for error in problem["errors"]] == ["row 2", "row 4"]
    assert files(settings) == []


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("rows.xlsx", CSV, "its name has to end in"),
        ("rows.csv", b"PK\x03\x04xxxx", "ZIP archive or an Excel workbook"),
        ("rows.csv", b"", "holds no row"),
    ],
)
async def test_files_that_are_no_tables(
    room: Room, settings: Settings, name: str, content: bytes, sentence: str
) -> None:
    problem = await room.upload(await room.add_dataset(), content, name, status=422)
    assert sentence in problem["detail"]
    assert files(settings) == []


@pytest.mark.parametrize(
    ("headers", "content", "status"),
    [
        ({"Content-Type": "text/csv"}, CSV, 415),
        ({"Content-Type": "multipart/form-data"}, CSV, 415),
        ({"Content-Type": "multipart/form-data; boundary=x"}, b"nonsense", 400),
        ({"Content-Type": "multipart/form-data; boundary=x"}, b"--x--\r\n", 422),
        ({"Content-Type": "application/json"}, b"{", 400),
        ({"Content-Type": "application/json"}, b"[]", 422),
        ({"Content-Type": "application/json"}, b'{"url": "x", "hub": "a/b"}', 422),
        ({"Content-Type": "application/json"}, b'{"hub": "not a name"}', 422),
        ({"Content-Type": "application/json"}, b'{"table": "a", "limit": 0}', 422),
        ({"Content-Type": "application/json"}, b'{"url": "' + b"x" * 70_000 + b'"}', 413),
        ({"Content-Type": "application/json"}, b'{"url": "http://127.0.0.1/a.csv"}', 422),
    ],
)
async def test_bodies_that_say_nothing(
    room: Room, headers: dict[str, str], content: bytes, status: int
) -> None:
    path = f"/datasets/{await room.add_dataset()}/versions"
    await room.ask("POST", path, status, headers=headers, content=content)


async def test_an_upload_that_breaks_off_leaves_nothing(room: Room, settings: Settings) -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    path = f"/datasets/{await room.add_dataset()}/versions"
    await room.ask("POST", path, 400, headers=headers, content=head + CSV)
    assert files(settings) == []


async def test_other_fields_of_a_form_are_passed_over(room: Room) -> None:
    path = f"/datasets/{await room.add_dataset()}/versions"
    form = {"data": {"note": "x" * 100_000}, "files": {"file": ("a.csv", CSV)}}
    assert (await room.json("POST", path, 201, **form))["row_count"] == 2


async def test_too_large_a_file_is_refused(room: Room, settings: Settings) -> None:
    dataset = await room.add_dataset()
    object.__setattr__(settings, "max_upload_bytes", 10_000)

    async def chunks() -> AsyncIterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
        for _ in range(1000):
            yield b"a,b\n" * 100

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    path = f"/datasets/{dataset}/versions"
    await room.ask("POST", path, 413, headers=headers, content=chunks())
    assert files(settings) == []


async def test_a_failing_insert_leaves_no_file(
    room: Room, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise Problem(409, "Deleted meanwhile.")

    dataset = await room.add_dataset()
    monkeypatch.setattr("app.ml.dataset_uploads.insert", fail)
    await room.upload(dataset, status=409)
    assert files(settings) == []


async def test_versions_that_come_together_get_numbers_of_their_own(room: Room) -> None:
    dataset = await room.add_dataset()
    found = await asyncio.gather(*(room.upload(dataset) for _ in range(8)))
    assert sorted(version["number"] for version in found) == list(range(1, 9))


async def test_from_the_hub_only_the_name_is_kept(room: Room, settings: Settings) -> None:
    dataset = await room.add_dataset()
    body = {"hub": "stanfordnlp/imdb:plain_text:test"}
    version = await room.json("POST", f"/datasets/{dataset}/versions", 201, json=body)
    assert version["source_name"] == body["hub"]
    assert version["preview"] is None
    assert files(settings) == []
    await room.ask("GET", f"/datasets/{dataset}/versions/1/file", 404)
    mapping = {"columns": {"text": "review"}}
    await room.ask("PATCH", f"/datasets/{dataset}/versions/1", 200, json=mapping)


class TestTables:
    @pytest.fixture(autouse=True)
    async def tables(
        self, admin: "asyncpg.Connection[asyncpg.Record]", user: User, other: User
    ) -> AsyncIterator[None]:
        await admin.execute("""
            create table public."Odd ""name" (
              id serial, owner uuid, "from" text, secret text, x numeric, t timestamptz, b bytea);
            alter table public."Odd ""name" enable row level security;
            create policy own on public."Odd ""name" for select to authenticated
              using (owner = (select auth.uid()));
            grant select (id, owner, "from", x, t, b) on public."Odd ""name" to authenticated;
            create view public.writing as select set_config('a.b', 'c', false) as x, 1/0 as y;
            grant select on public.writing to authenticated;
            create table public.closed (id int);
        """)
        for owner, n in ((user, 3), (other, 5)):
            await admin.execute(
                'insert into public."Odd ""name" (owner, "from", x, t, b)'
                " select $1, 'row ' || n, 'NaN', now(), '\\x00' from generate_series(1, $2) n",
                owner.id,
                n,
            )
        yield
        await admin.execute(
            'drop table public."Odd ""name"; drop view public.writing; drop table public.closed'
        )

    async def add(self, room: Room, status: int, **body: Any) -> Any:
        dataset = await room.add_dataset(str(uuid4()))
        return await room.json("POST", f"/datasets/{dataset}/versions", status, json=body)

    async def test_rows_that_the_user_may_see(self, room: Room) -> None:
        version = await self.add(room, 201, table='Odd "name')
        assert version["row_count"] == 3
        assert version["suffix"] == ".jsonl"
        names = [column["name"] for column in version["preview"]["columns"]]
        assert names == ["id", "owner", "from", "x", "t", "b"]
        values = version["preview"]["rows"][0]["values"]
        assert (values["from"], values["x"], values["b"]) == ("row 1", "NaN", "\\x00")

    async def test_columns_and_limit(self, room: Room) -> None:
        version = await self.add(
            room, 201, table='public.Odd "name', columns=["from", "id", "id"], limit=2
        )
        assert version["row_count"] == 2
        assert list(version["preview"]["rows"][0]["values"]) == ["from", "id"]

    @pytest.mark.parametrize(
        ("table", "columns", "status"),
        [
            ('Odd "name', ["secret"], 422),
            ('Odd "name', ['id" from pg_authid --'], 422),
            ("closed", [], 404),
            ("no_such", [], 404),
            ("writing", [], 422),
            ("pg_catalog.pg_authid", [], 404),
            ("auth.users", [], 404),
            ("ml_datasets; drop table ml_jobs", [], 404),
        ],
    )
    async def test_nothing_else(
        self, room: Room, table: str, columns: list[str], status: int
    ) -> None:
        await self.add(room, status, table=table, columns=columns)

    async def test_no_row_is_no_version(self, room: Room, admin: Any) -> None:
        await admin.execute('delete from public."Odd ""name"')
        assert "holds no row" in (await self.add(room, 422, table='Odd "name'))["detail"]


async def test_mapping(room: Room, database: Database) -> None:
    dataset = await room.add_dataset()
    version = await room.upload(dataset)
    async with database.as_service() as connection:
        await connection.execute(
            "update ml_dataset_versions set status = 'invalid', problem_count = 1,"
            """ problems = '[{"row": 2, "column": "trade", "message": "Missing."}]'"""
        )
    path = f"/datasets/{dataset}/versions/1"
    assert (await room.json("GET", path))["problems"][0]["row"] == 2
    columns = {"text": "statement", "label": "trade"}
    mapped = await room.json("PATCH", path, json={"columns": columns})
    assert mapped["columns"] == columns
    assert (mapped["status"], mapped["problems"]) == ("unchecked", [])
    assert mapped["id"] == version["id"]
    problem = await room.json("PATCH", path, 422, json={"columns": {"text": "statment"}})
    assert "did you mean 'statement'?" in problem["errors"][0]["message"]
    assert problem["errors"][0]["field"] == "columns.text"
    for bad in ({"Text=x": "a"}, {"text": ""}, {"text": "a\x00"}):
        await room.ask("PATCH", path, 422, json={"columns": bad})


async def test_etag_of_a_version(room: Room) -> None:
    dataset = await room.add_dataset()
    await room.upload(dataset)
    path = f"/datasets/{dataset}/versions/1"
    etag = (await room.ask("GET", path, 200)).headers["ETag"]
    unchanged = await room.ask("GET", path, 304, headers={"If-None-Match": etag})
    assert unchanged.content == b""
    await room.ask("PATCH", path, 200, json={"columns": {"text": "statement"}})
    await room.ask("GET", path, 200, headers={"If-None-Match": etag})


async def test_check_is_a_job(room: Room, database: Database) -> None:
    recipe = await add_recipe(database)
    dataset = await room.add_dataset()
    version = await room.upload(dataset)
    path = f"/datasets/{dataset}/versions/1/check"
    headers = {"Idempotency-Key": "once"}
    first = await room.ask("POST", path, 202, json={"recipe": recipe}, headers=headers)
    again = await room.ask("POST", path, 202, json={"recipe": recipe}, headers=headers)
    assert first.json()["id"] == again.json()["id"]
    job = await room.json("GET", first.headers["Location"].removeprefix("/ml"))
    assert (job["kind"], job["dataset_version_id"]) == ("check", version["id"])
    await room.ask("POST", path, 409, json={"recipe": "unknown"})


async def test_export(room: Room) -> None:
    dataset = await room.add_dataset()
    await room.upload(dataset, b'a,b\n"=1+1",-5\n"x\ny",ok\n', "my rows.csv")
    path = f"/datasets/{dataset}/versions/1/file"
    answer = await room.ask("GET", f"{path}?format=csv", 200)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "filename*=UTF-8''my%20rows-v1.csv" in answer.headers["Content-Disposition"]
    assert list(csv.reader(io.StringIO(answer.text))) == [
        ["a", "b"],
        ["'=1+1", "-5"],
        ["x\ny", "ok"],
    ]
    answer = await room.ask("GET", path, 200)
    assert lines(answer.text) == [{"a": "=1+1", "b": "-5"}, {"a": "x\ny", "b": "ok"}]
    await room.ask("GET", f"{path}?format=xlsx", 422)
    assert (await room.upload(dataset, answer.content, "back.jsonl"))["row_count"] == 2


async def test_delete_takes_the_files_along(
    room: Room, user: User, settings: Settings, database: Database
) -> None:
    dataset = await room.add_dataset()
    version = await room.upload(dataset)
    job = await add_job(database, user, "running")
    async with database.as_service() as connection:
        use = "update ml_jobs set dataset_version_id = $2 where id = $1"
        await connection.execute(use, job, version["id"])
    assert "cancel" in (await room.json("DELETE", f"/datasets/{dataset}", 409))["detail"]
    assert len(files(settings)) == 2
    async with database.as_service() as connection:
        await connection.execute("update ml_jobs set status = 'failed'")
    await room.ask("DELETE", f"/datasets/{dataset}", 204)
    assert files(settings) == []
    await room.ask("GET", f"/jobs/{job}", 404)


async def test_strangers_find_nothing(room: Room, stranger: Room, database: Database) -> None:
    recipe = await add_recipe(database)
    dataset = await room.add_dataset()
    await room.upload(dataset)
    path = f"/datasets/{dataset}"
    await stranger.ask("GET", path, 404)
    await stranger.ask("PATCH", path, 404, json={"name": "mine"})
    await stranger.ask("DELETE", path, 404)
    await stranger.ask("GET", f"{path}/versions", 404)
    await stranger.ask("GET", f"{path}/versions/1", 404)
    await stranger.ask("GET", f"{path}/versions/1/file", 404)
    await stranger.ask("PATCH", f"{path}/versions/1", 404, json={"columns": {}})
    await stranger.ask("POST", f"{path}/versions/1/check", 404, json={"recipe": recipe})
    await stranger.ask("POST", f"{path}/versions", 404, json={"hub": "a/b"})
    await stranger.upload(dataset, status=404)
    assert (await stranger.json("GET", "/datasets"))["items"] == []
    assert (await room.json("GET", f"{path}/versions/1"))["number"] == 1


async def test_no_token_no_data(client: httpx.AsyncClient) -> None:
    for method, path in (("GET", ""), ("POST", ""), ("GET", f"/{uuid4()}/versions/1/file")):
        assert (await client.request(method, f"/ml/datasets{path}")).status_code == 401


async def test_a_version_written_without_a_file(room: Room, user: User, database: Database) -> None:
    """Users may insert rows by themselves."""
    dataset = await room.add_dataset()
    async with database.as_user(user) as connection:
        await connection.execute(
            "insert into ml_dataset_versions (dataset_id, number, source, source_name, suffix)"
            " values ($1, 1, 'upload', '../../etc/passwd', '.csv')",
            dataset,
        )
    assert (await room.json("GET", f"/datasets/{dataset}/versions/1"))["preview"] is None
    await room.ask("GET", f"/datasets/{dataset}/versions/1/file", 404)
    await room.ask("DELETE", f"/datasets/{dataset}", 204)
