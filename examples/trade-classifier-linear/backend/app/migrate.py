"""Applies the migrations that the database lacks: `python -m app.migrate`.

It keeps the books of the Supabase CLI, so that either of the two can go on where the other left off.
"""

import asyncio
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from app.core.database import UNREACHABLE, database_url
from app.core.settings import read_settings

NAME = re.compile(r"(\d+)_(\w+)\.sql")
LOCK = 7_161_001_420_024_177_321  # any number, as long as nobody else uses it
BOOKS = """
create schema if not exists supabase_migrations;
create table if not exists supabase_migrations.schema_migrations (version text primary key);
alter table supabase_migrations.schema_migrations add column if not exists statements text[];
alter table supabase_migrations.schema_migrations add column if not exists name text;
"""
APPLIED = "select version from supabase_migrations.schema_migrations"
RECORD = """
insert into supabase_migrations.schema_migrations (version, name, statements)
values ($1, $2, array[$3])
"""


class MigrationError(Exception):
    """Which migration, where in it, and what is wrong."""


@dataclass(frozen=True)
class Migration:
    path: Path
    version: str
    name: str

    @property
    def sql(self) -> str:
        return self.path.read_text(encoding="utf-8")


def read_migrations(folder: Path) -> list[Migration]:
    """Those of the folder, in their order."""
    matches = ((path, NAME.fullmatch(path.name)) for path in sorted(folder.glob("*.sql")))
    migrations = [Migration(path, *match.groups()) for path, match in matches if match]
    if not migrations:
        raise MigrationError(f"No migrations in {folder.resolve()}: set ML_MIGRATIONS_DIR.")
    return migrations


async def migrate(url: str, folder: Path) -> list[str]:
    """Apply what is missing, each in a transaction; returns the names of the files."""
    migrations = read_migrations(folder)
    connection: asyncpg.Connection[Any] = await asyncpg.connect(url)
    try:
        # Until the connection is closed: two that start together do not both apply one.
        await connection.execute("select pg_advisory_lock($1)", LOCK)
        await connection.execute(BOOKS)
        applied = {row["version"] for row in await connection.fetch(APPLIED)}
        missing = [migration for migration in migrations if migration.version not in applied]
        for migration in missing:
            await _apply(connection, migration)
        return [migration.path.name for migration in missing]
    finally:
        await connection.close()


async def _apply(connection: "asyncpg.Connection[Any]", migration: Migration) -> None:
    sql = migration.sql
    try:
        async with connection.transaction():
            await connection.execute(sql)
            await connection.execute(RECORD, migration.version, migration.name, sql)
    except asyncpg.PostgresError as error:
        position = getattr(error, "position", None)
        line = f", line {sql.count(chr(10), 0, int(position)) + 1}" if position else ""
        raise MigrationError(
            f"{migration.path.name}{line}: {error}. Nothing of it was applied; mend it and run "
            "this again."
        ) from error


def main() -> str | None:
    settings = read_settings()
    try:
        url = database_url(settings, for_migrations=True)
        for name in asyncio.run(migrate(url, settings.ml_migrations_dir)):
            print(f"applied  {name}")
    except MigrationError as error:
        return str(error)
    except UNREACHABLE as error:
        return f"The database cannot be reached: {error}"
    return None


if __name__ == "__main__":
    sys.exit(main())
