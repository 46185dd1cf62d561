"""Migrations: each wholly or not at all, each once, whoever else applies them."""

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TypeAlias
from uuid import uuid4

import asyncpg
import pytest

from app.core.settings import Settings
from app.local import postgres
from app.local.cluster import PROGRAMS
from app.local.postgres import Urls
from app.migrate import MigrationError, migrate

Admin: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


@pytest.fixture
async def empty(urls: Urls, admin: Admin) -> AsyncIterator[str]:
    """URL of a database without tables."""
    name = f"empty_{uuid4().hex}"
    await admin.execute(f"create database {name}")
    yield urls.admin.rpartition("/")[0] + f"/{name}"
    await admin.execute(f"drop database {name} with (force)")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "1_one.sql").write_text("create table one (number integer); -- the first\n")
    (tmp_path / "2_two.sql").write_text(
        "create table two (number integer);\n"
        "create function twice(x integer) returns integer language sql as $$ select 2 * x; $$;\n"
    )
    return tmp_path


async def ask(url: str, query: str) -> list[object]:
    connection = await asyncpg.connect(url)
    try:
        return [row[0] for row in await connection.fetch(query)]
    finally:
        await connection.close()


TABLES = "select relname from pg_class where relnamespace = 'public'::regnamespace order by 1"
BOOKS = "select version || ' ' || name from supabase_migrations.schema_migrations order by 1"


async def test_twice_without_harm(empty: str, folder: Path) -> None:
    assert await migrate(empty, folder) == ["1_one.sql", "2_two.sql"]
    assert await migrate(empty, folder) == []
    assert await ask(empty, TABLES) == ["one", "two"]
    assert await ask(empty, BOOKS) == ["1 one", "2 two"]


async def test_only_what_is_missing(empty: str, folder: Path) -> None:
    """One from a branch that was merged late is applied too."""
    await migrate(empty, folder)
    (folder / "0_before.sql").write_text("create table before (number integer)")
    (folder / "3_three.sql").write_text("create table three (number integer)")
    assert await migrate(empty, folder) == ["0_before.sql", "3_three.sql"]


async def test_a_broken_one_leaves_nothing_and_is_named(empty: str, folder: Path) -> None:
    broken = folder / "2_two.sql"
    broken.write_text("create table two (number integer);\n\ninsert into tow values (1);\n")
    (folder / "3_three.sql").write_text("create table three (number integer)")
    with pytest.raises(MigrationError) as error:
        await migrate(empty, folder)
    assert str(error.value).startswith('2_two.sql, line 3: relation "tow" does not exist.')
    assert await ask(empty, TABLES) == ["one"]
    broken.write_text("create table two (number integer);")
    assert await migrate(empty, folder) == ["2_two.sql", "3_three.sql"]


async def test_several_at_once(empty: str, folder: Path) -> None:
    done = await asyncio.gather(*(migrate(empty, folder) for _ in range(5)))
    assert sorted(done) == [*[[]] * 4, ["1_one.sql", "2_two.sql"]]


async def test_no_migrations(empty: str, tmp_path: Path) -> None:
    (tmp_path / "notes.sql").write_text("select 1")
    with pytest.raises(MigrationError, match="set ML_MIGRATIONS_DIR"):
        await migrate(empty, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("version", PROGRAMS)
def test_ours_from_the_command_line(settings: Settings, version: int) -> None:
    """On each Postgres that is at hand: the first call applies all, the second none."""
    with tempfile.TemporaryDirectory(prefix="ml-") as path:
        folder = Path(path) / postgres.FOLDER
        postgres.start(folder, version)
        try:
            where = {"ML_DATA_DIR": path, "ML_MIGRATIONS_DIR": str(settings.ml_migrations_dir)}
            command = [sys.executable, "-m", "app.migrate"]
            first, second = (
                subprocess.check_output(command, env=os.environ | where, text=True)
                for _ in range(2)
            )
        finally:
            postgres.stop(folder)
    files = sorted(path.name for path in settings.ml_migrations_dir.glob("*.sql"))
    assert first.split() == [word for name in files for word in ("applied", name)]
    assert second == ""


def test_without_a_database_there_is_one_sentence(settings: Settings) -> None:
    where = {
        "DATABASE_URL": "postgresql://postgres@127.0.0.1:1/postgres",
        "ML_MIGRATIONS_DIR": str(settings.ml_migrations_dir),
    }
    done = subprocess.run(
        [sys.executable, "-m", "app.migrate"],
        env=os.environ | where,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("The database cannot be reached: ")
    assert "Traceback" not in done.stderr
