"""Who may do what to which table; a table that is not declared here fails."""

import asyncio
import json
from dataclasses import dataclass
from itertools import product
from typing import Any, TypeAlias
from uuid import UUID, uuid4

import asyncpg
import pytest

from app.core.auth import User
from app.core.database import ACT_AS, Database
from app.core.settings import Settings
from app.migrate import read_migrations

Admin: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
COMMANDS = ["select", "insert", "update", "delete"]
Outcome = str  # done; nothing: as if the row were not there; refused: it would hang on another's


@dataclass(frozen=True)
class Access:
    """What users may do to their own rows; everything else is denied."""

    insert: str = ""
    """Columns that they may set."""
    update: str = ""
    delete: bool = False
    parent: str = ""
    """Column that must name a row of the same owner."""
    everyone_reads: bool = False

    def allows(self, command: str) -> bool:
        return command == "select" or bool(getattr(self, command))


ACCESS = {
    "ml_recipes": Access(everyone_reads=True),
    "ml_datasets": Access(insert="name", update="name", delete=True),
    "ml_dataset_versions": Access(
        insert="id dataset_id number source source_name suffix sha256 bytes row_count columns",
        delete=True,
        parent="dataset_id",
    ),
    "ml_models": Access(insert="name recipe", delete=True),
    "ml_model_versions": Access(parent="model_id"),
    "ml_jobs": Access(
        insert="id kind recipe provider model_id dataset_version_id model_version_id settings "
        "cost_limit_usd idempotency_key request_sha256",
        parent="model_id",
    ),
    "ml_job_events": Access(parent="job_id"),
    "ml_predictions": Access(
        insert="id model_id model_version_id input input_sha256 output source fallback_model "
        "cost_usd idempotency_key",
        delete=True,
        parent="model_id",
    ),
    "ml_corrections": Access(
        insert="id prediction_id output note",
        update="output note",
        delete=True,
        parent="prediction_id",
    ),
}

SEED = """
insert into ml_recipes (name, provider, description) values ('echo', 'local', '{}');
insert into ml_datasets (id, owner_id, name) values ('{id}', '{owner}', 'trades');
insert into ml_dataset_versions (id, owner_id, dataset_id, number, source, source_name)
  values ('{id}', '{owner}', '{id}', 1, 'upload', 'trades.csv');
insert into ml_models (id, owner_id, name, recipe) values ('{id}', '{owner}', 'trades', 'echo');
insert into ml_model_versions (id, owner_id, model_id, number, job_id, manifest, bytes)
  values ('{id}', '{owner}', '{id}', 1, '{id}', '{}', 1);
insert into ml_jobs (id, owner_id, kind, recipe, provider, model_id)
  values ('{id}', '{owner}', 'train', 'echo', 'local', '{id}');
insert into ml_job_events (job_id, number, owner_id, kind) values ('{id}', 1, '{owner}', 'queued');
insert into ml_predictions
  (id, owner_id, model_id, model_version_id, input, input_sha256, output, source)
  values ('{id}', '{owner}', '{id}', '{id}', '{}', repeat('0', 64), '{}', 'model');
insert into ml_corrections (id, owner_id, prediction_id, output)
  values ('{id}', '{owner}', '{id}', '{}');
"""

OURS = "relnamespace = 'public'::regnamespace and relkind = 'r' and relname ^@ 'ml_'"
FAULTS = {
    "no row level security": f"select relname from pg_class where {OURS} and not relrowsecurity",
    "no comment": f"""
        select relname from pg_class
        where {OURS} and coalesce(obj_description(oid, 'pg_class'), '') = ''
    """,
    "no policy": f"""
        select relname from pg_class
        where {OURS} and not exists (select from pg_policy where polrelid = pg_class.oid)
    """,
    "a policy for others than users": f"""
        select polname, relname from pg_policy join pg_class on pg_class.oid = polrelid
        where {OURS} and polroles <> array['authenticated'::regrole::oid]
    """,
    "a policy that reads the token for each row": """
        select policyname, tablename from pg_policies where tablename ^@ 'ml_'
        and concat(qual, with_check) like '%auth.uid()%'
        and concat(qual, with_check) not like '%( SELECT auth.uid()%'
    """,
    "a privilege of anon or everyone": f"""
        select relname, grantee::regrole from pg_class, aclexplode(relacl)
        where {OURS} and grantee in (0, 'anon'::regrole)
    """,
    "a privilege of users beyond the four": f"""
        select relname, privilege_type from pg_class, aclexplode(relacl)
        where {OURS} and grantee = 'authenticated'::regrole
        and privilege_type not in ('SELECT', 'DELETE')
    """,
    "a function that users or anon may call": """
        select proname from pg_proc
        where pronamespace = 'public'::regnamespace and proname ^@ 'ml_'
        and (has_function_privilege('anon', oid, 'execute')
          or has_function_privilege('authenticated', oid, 'execute'))
    """,
    "a function whose search path can be bent": """
        select proname from pg_proc
        where pronamespace = 'public'::regnamespace and proname ^@ 'ml_'
        and not coalesce('search_path=""' = any(proconfig), false)
    """,
    "a foreign key without an index": f"""
        select relname, conname from pg_constraint join pg_class on pg_class.oid = conrelid
        where {OURS} and contype = 'f' and not exists (
          select from pg_index where indrelid = conrelid and indkey[0] = conkey[1]
        )
    """,
}
CARELESS = """
create table public.ml_notes (id uuid references auth.users (id));
create table public.ml_texts (id uuid);
grant all on public.ml_notes to anon, authenticated;
create policy "anyone" on public.ml_notes using (auth.uid() = id);
create function public.ml_count() returns integer language sql as 'select 1';
"""
OLDER = """
drop schema public cascade;
create schema public;
grant usage on schema public to anon, authenticated, service_role;
alter default privileges in schema public
  grant all on tables to anon, authenticated, service_role;
alter default privileges in schema public
  grant all on functions to anon, authenticated, service_role;
"""


@pytest.fixture
async def row_id(database: Database, user: User) -> UUID:
    """Of one row of the owner's in every table."""
    row_id = uuid4()
    async with database.as_service() as connection:
        seed = SEED.replace("{id}", str(row_id)).replace("{owner}", str(user.id))
        await connection.execute(seed)
    return row_id


def expected(table: str, command: str, who: str) -> Outcome:
    access = ACCESS[table]
    if who == "service":
        return "done"
    if who == "anon" or not access.allows(command):
        return "denied"
    if who == "owner" or (command == "select" and access.everyone_reads):
        return "done"
    if who == "nobody" and command == "insert":
        return "denied"
    if command == "insert":
        return "refused" if access.parent else "done"  # a row of their own
    return "nothing"


async def attempt(
    database: Database, table: str, command: str, role: str, claims: dict[str, Any]
) -> Outcome:
    """Acts on the one row of the table, and takes it back."""
    access = ACCESS[table]
    async with database.pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        try:
            await connection.execute(ACT_AS, "service_role", "{}")
            row = await connection.fetchval(f"select to_jsonb({table}) from {table}")
            if command == "insert":
                await connection.execute(f"delete from {table}")
            columns = access.insert.split() if role != "service_role" and access.insert else row
            changed = (access.update or next(iter(columns))).split()[0]
            await connection.execute(ACT_AS, role, json.dumps(claims))
            if command == "insert":
                names = ", ".join(columns)
                status = await connection.execute(
                    f"insert into {table} ({names}) "
                    f"select {names} from jsonb_populate_record(null::{table}, $1)",
                    row,
                )
            elif command == "update":
                status = await connection.execute(f"update {table} set {changed} = {changed}")
            else:
                status = await connection.execute(f"{command} from {table}")
        except asyncpg.InsufficientPrivilegeError:
            return "denied"
        except asyncpg.ForeignKeyViolationError:
            return "refused"
        finally:
            await transaction.rollback()
    return "nothing" if status.endswith(" 0") else "done"


async def test_every_table_is_declared(admin: Admin) -> None:
    found = await admin.fetch(
        "select relname from pg_class where relnamespace = 'public'::regnamespace "
        "and relkind in ('r', 'p', 'v', 'm', 'f') and relname ^@ 'ml_' order by relname"
    )
    assert [row["relname"] for row in found] == sorted(ACCESS)


@pytest.mark.usefixtures("row_id")
@pytest.mark.parametrize("table", ACCESS)
async def test_matrix(database: Database, user: User, other: User, table: str) -> None:
    people: dict[str, tuple[str, dict[str, Any]]] = {
        "owner": ("authenticated", user.claims),
        "other": ("authenticated", other.claims),
        "nobody": ("authenticated", {}),
        "anon": ("anon", {"role": "anon"}),
        "service": ("service_role", {"role": "service_role"}),
    }
    cells = list(product(COMMANDS, people))
    found = {cell: await attempt(database, table, cell[0], *people[cell[1]]) for cell in cells}
    assert found == {cell: expected(table, *cell) for cell in cells}


async def test_columns_that_users_set(admin: Admin) -> None:
    """The owner, the status and what the worker finds out are not among them."""
    rows = await admin.fetch(
        "select table_name, privilege_type, array_agg(column_name::text) as columns "
        "from information_schema.column_privileges "
        "where grantee = 'authenticated' and table_schema = 'public' "
        "and privilege_type in ('INSERT', 'UPDATE') group by 1, 2"
    )
    found = {(row["table_name"], row["privilege_type"]): set(row["columns"]) for row in rows}
    declared = {
        (table, command.upper()): set(columns.split())
        for table, access in ACCESS.items()
        for command, columns in (("insert", access.insert), ("update", access.update))
        if columns
    }
    assert found == declared


async def test_nothing_is_left_open(admin: Admin) -> None:
    """No row of any of these means that all is well."""
    for fault, query in FAULTS.items():
        assert await admin.fetch(query) == [], fault


async def test_what_is_left_open_is_found(admin: Admin) -> None:
    transaction = admin.transaction()
    await transaction.start()
    await admin.execute(CARELESS)
    for fault, query in FAULTS.items():
        assert await admin.fetch(query), fault
    await transaction.rollback()


async def test_older_projects_of_supabase(admin: Admin, settings: Settings) -> None:
    """They give every new table and function to everyone; ours take it back."""
    transaction = admin.transaction()
    await transaction.start()
    await admin.execute(OLDER)
    for migration in read_migrations(settings.ml_migrations_dir):
        await admin.execute(migration.sql)
    for fault, query in FAULTS.items():
        assert await admin.fetch(query) == [], fault
    await transaction.rollback()


async def test_a_running_job_cannot_be_removed(
    database: Database, user: User, row_id: UUID
) -> None:
    """Nor its model: only the row knows of the machine that it runs on."""
    async with database.as_service() as connection:
        await connection.execute("update ml_jobs set status = 'running'")
    for statement in ("delete from ml_models", "delete from ml_jobs"):
        with pytest.raises(asyncpg.ObjectInUseError, match=f"Job {row_id} is running"):
            async with database.as_service() as connection:
                await connection.execute(statement)
    async with database.as_service() as connection:
        await connection.execute("update ml_jobs set status = 'cancelled'")
        await connection.execute("delete from ml_models where owner_id = $1", user.id)
        assert await connection.fetchval("select count(*) from ml_jobs") == 0


async def test_listeners_hear_of_jobs_and_events(
    database: Database, admin: Admin, user: User, row_id: UUID
) -> None:
    heard: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
    for channel in ("ml_jobs", "ml_job_events"):
        await admin.add_listener(channel, lambda _, __, *what: heard.put_nowait(what))
    async with database.as_service() as connection:
        await connection.execute("update ml_jobs set status = 'running'")
    async with database.as_service() as connection:
        await connection.execute("update ml_jobs set status = 'queued'")
    async with database.as_service() as connection:
        await connection.execute(
            "insert into ml_job_events (job_id, number, owner_id, kind) values ($1, 2, $2, 'x')",
            row_id,
            user.id,
        )
    assert [await asyncio.wait_for(heard.get(), 5) for _ in range(2)] == [
        ("ml_jobs", ""),
        ("ml_job_events", str(row_id)),
    ]
