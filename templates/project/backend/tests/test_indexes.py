"""What the code asks of the database, recorded while it does, and explained on larger tables.

Ten users have five hundred rows each: from there on the planner reads a whole table only where no
index serves, so nothing is switched off.
"""

from collections.abc import AsyncIterator
from datetime import timedelta
from hashlib import md5
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg
import httpx
import pytest

from app.core import database as core
from app.core.auth import User
from app.core.database import ACT_AS, Database
from app.local.postgres import Urls
from app.ml.prediction_store import Answer, Item, add, look_up
from app.worker import events, leases, serving, sweep
from tests.conftest import Token
from tests.rows import add_model, add_version

Admin: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Statement = tuple[str, str, tuple[Any, ...]]  # role, SQL, arguments

USERS, ROWS = 10, 500
FILL = f"""
insert into auth.users (id, email)
  select md5('u' || u)::uuid, u || '@example.com' from generate_series(1, {USERS}) u;
insert into ml_recipes (name, provider, description) values ('echo', 'local', '{{}}');
create temporary table filled as
  select md5('u' || u)::uuid as owner_id, md5(u || '-' || n)::uuid as id, n,
    now() - n * interval '1 minute' as created_at
  from generate_series(1, {USERS}) u, generate_series(1, {ROWS}) n;
insert into ml_datasets (id, owner_id, name, created_at)
  select id, owner_id, 'd' || n, created_at from filled;
insert into ml_dataset_versions (id, owner_id, dataset_id, number, source, source_name)
  select id, owner_id, id, 1, 'upload', 'a.csv' from filled;
insert into ml_models (id, owner_id, name, recipe, created_at)
  select id, owner_id, 'm' || n, 'echo', created_at from filled;
insert into ml_model_versions
  (id, owner_id, model_id, number, job_id, stage, manifest, bytes, deployment)
  select id, owner_id, id, 1, id, case when n < 3 then 'production' else 'candidate' end,
    '{{}}', 1, case when n < 3 then 'ml-' || id end
  from filled;
insert into ml_jobs
  (id, owner_id, kind, recipe, provider, model_id, dataset_version_id, status, created_at,
   run_after, idempotency_key)
  select id, owner_id, 'train', 'echo', 'local', id, id,
    case when n < 3 then 'queued' else 'succeeded' end, created_at, created_at, n
  from filled;
insert into ml_job_events (job_id, number, owner_id, kind, line)
  select id, number, owner_id, 'step', number
  from filled, generate_series(1, 500) number where n = 1;
insert into ml_predictions
  (id, owner_id, model_id, model_version_id, input, input_sha256, output, source, created_at)
  select id, owner_id, id, id, '{{}}', repeat(md5(id::text), 2), '{{}}', 'model', created_at
  from filled;
insert into ml_corrections (owner_id, prediction_id, output, created_at)
  select owner_id, id, '{{}}', created_at from filled;
drop table filled;
analyze;
"""

pytestmark = pytest.mark.slow  # thousands of rows for each

LARGE = {
    "ml_datasets",
    "ml_dataset_versions",
    "ml_model_versions",
    "ml_jobs",
    "ml_job_events",
    "ml_predictions",
    "ml_corrections",
}
OWNER = UUID(hex=md5(b"u1").hexdigest())
ROW = UUID(hex=md5(b"1-1").hexdigest())
FIND = {
    "ml_models_owner_id_name_key",
    "ml_model_versions_production",
    "ml_predictions_cached",
    "ml_predictions_owner_id_idempotency_key_key",
}

# What is asked, and how the name of an index begins without which it would be slow.
PATHS = {
    "/ml/datasets": "ml_datasets_newest",
    f"/ml/datasets/{ROW}/versions": "ml_dataset_versions_dataset_id_number_key",
    "/ml/jobs": "ml_jobs_newest",
    "/ml/jobs?status=succeeded": "ml_jobs_newest",
    f"/ml/jobs/{ROW}": "ml_jobs_",
    f"/ml/jobs/{ROW}/events?format=json&after=100": "ml_job_events_pkey",
    "/ml/models": "ml_models_newest",
    "/ml/models/m1": "ml_models_owner_id_name_key",
    "/ml/models/m1/versions": "ml_model_versions_model_id_number_key",
    "/ml/predictions": "ml_predictions_newest",
    "/ml/corrections": "ml_corrections_newest",
}


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[Statement]:
    """Those of every pool that is opened from now on."""
    recorded: list[Statement] = []
    prepare = core._use_json

    async def prepare_and_record(connection: Admin) -> None:
        await prepare(connection)
        role = ""

        def record(query: Any) -> None:
            nonlocal role
            if query.query == ACT_AS:
                role = query.args[0]
            elif query.query.split()[0] in ("select", "insert", "update", "delete"):
                is_many = query.args and isinstance(query.args[0], tuple)
                arguments = query.args[0] if is_many else query.args
                recorded.append((role, query.query, arguments))

        connection.add_query_logger(record)

    monkeypatch.setattr(core, "_use_json", prepare_and_record)
    return recorded


@pytest.fixture
async def filled(
    statements: list[Statement], urls: Urls, database: Database, admin: Admin
) -> AsyncIterator[Database]:
    """A pool of its own, whose statements are recorded."""
    await admin.execute(FILL)
    database = await Database.connect(urls.backend)
    yield database
    await database.close()
    await admin.execute("truncate auth.users, ml_recipes cascade")  # deleted rows keep their place


async def indexes(database: Database, statement: Statement) -> set[str]:
    """What its plan uses; it may read no large table as a whole."""
    role, query, arguments = statement
    claims = {"sub": str(OWNER), "role": role}
    async with database.as_role(role, claims) as connection:
        plan = await connection.fetchval(f"explain (format json) {query}", *arguments)
    return _used(plan)


def _used(plan: list[dict[str, Any]]) -> set[str]:
    nodes = list(_nodes(plan[0]["Plan"]))
    read = {node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"}
    assert not read & LARGE, plan
    return {node["Index Name"] for node in nodes if "Index Name" in node}


def _nodes(node: dict[str, Any]) -> list[dict[str, Any]]:
    return [node, *(below for part in node.get("Plans", []) for below in _nodes(part))]


async def used(database: Database, statements: list[Statement]) -> set[str]:
    """By all that was recorded; the record is empty afterwards."""
    recorded = statements.copy()
    found = [await indexes(database, statement) for statement in recorded]
    statements.clear()
    assert found
    return set().union(*found)


async def test_requests(
    filled: Database, statements: list[Statement], client: httpx.AsyncClient, token: Token
) -> None:
    claims = {"sub": str(OWNER), "role": "authenticated", "aud": "authenticated"}
    owner = User(OWNER, None, claims | {"exp": 4102444800})
    headers = {"Authorization": f"Bearer {token(owner)}"}
    for path, index in PATHS.items():
        statements.clear()
        answer = await client.get(path, headers=headers)
        assert answer.status_code == 200, answer.text
        assert any(name.startswith(index) for name in await used(filled, statements)), path


async def test_cached_predictions(filled: Database, admin: Admin) -> None:
    assert await indexes_of_find(filled, admin) >= FIND


async def test_few_predictions_plan_as_many_do(
    database: Database, admin: Admin, user: User
) -> None:
    """The plan is kept while they grow."""
    await add_version(database, user, await add_model(database, user))
    target = (await look_up(database, user, "trades", [])).target
    answered = [(Item({}, f"{number:064}", number, None), Answer({}, 1)) for number in range(20)]
    await add(database, user, target, answered)
    await admin.execute("analyze ml_predictions")
    assert await indexes_of_find(database, admin) >= FIND


async def indexes_of_find(database: Database, admin: Admin) -> set[str]:
    """As the function plans it: once, for whatever is asked."""
    function = await admin.fetchrow(
        "select prosrc, proconfig from pg_proc where proname = 'ml_find_predictions'"
    )
    assert function
    query = function["prosrc"].partition("return query")[2].partition(";")[0]
    for named, numbered in (("= model", "= $1"), ("(hashes)", "($2)"), ("(keys)", "($3)")):
        assert named in query
        query = query.replace(named, numbered)
    async with database.as_user(User(OWNER, None, {"sub": str(OWNER)})) as connection:
        for setting in function["proconfig"]:
            name, _, value = setting.partition("=")
            await connection.execute("select set_config($1, $2, true)", name, value.strip('"'))
        await connection.execute(f"prepare find (text, text[], text[]) as {query}")
        plan = await connection.fetchval("explain (format json) execute find ('', '{}', '{}')")
    return _used(plan)


async def test_claims(filled: Database, statements: list[Statement]) -> None:
    assert await leases.claim(filled, "worker", ["train"], timedelta(seconds=30), [])
    assert "ml_jobs_due" in await used(filled, statements)


@pytest.mark.parametrize(
    ("query", "arguments", "index"),
    [
        (events.LAST, [ROW], "ml_job_events_job_id_line_key"),
        (serving.VERSIONS, [], "ml_model_versions_served"),
        (sweep.NEEDED, [[ROW], [f"ml-{ROW}"]], "ml_model_versions_served"),
    ],
    ids=["events", "servers", "sweep"],
)
async def test_workers(filled: Database, query: str, arguments: list[Any], index: str) -> None:
    assert index in await indexes(filled, ("service_role", query, tuple(arguments)))
