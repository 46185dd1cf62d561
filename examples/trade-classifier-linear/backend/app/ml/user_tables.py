"""Rows of a table or view of the project, as far as the user may read them."""

from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple

import asyncpg

from app.core.auth import User
from app.core.database import Connection, Database
from app.core.problems import Problem, invalid_field, not_found

SCHEMA = "public"  # the one that PostgREST shows; what others grant is not meant for users
PATIENCE = "120s"
PREFETCH = 500  # rows
READ_ONLY = f"set transaction read only; set local statement_timeout = '{PATIENCE}'"
# A view may run functions that fail, or that write.
REFUSALS = (
    asyncpg.DataError,
    asyncpg.SyntaxOrAccessError,
    asyncpg.RaiseError,
    asyncpg.ReadOnlySQLTransactionError,
)
# Tables, partitioned tables, views, materialized views and foreign tables.
READABLE = """
select quote_ident(n.nspname) || '.' || quote_ident(c.relname) as name,
  array_agg(a.attname::text order by a.attnum) as columns,
  array_agg(quote_ident(a.attname) order by a.attnum) as quoted
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'p', 'v', 'm', 'f')
  and has_schema_privilege(n.oid, 'usage')
  and has_column_privilege(c.oid, a.attnum, 'select')
group by 1
"""


class Table(NamedTuple):
    """Names as the catalog has them, quoted where SQL needs it."""

    name: str
    columns: dict[str, str]


async def read_table(
    database: Database, user: User, name: str, columns: Sequence[str], limit: int
) -> AsyncIterator[bytes]:
    """Rows as JSON lines, at most `limit`; all columns that the user may read if none are named.

    Raises:
        Problem: The user may not read such a table or column, or reading it failed.
    """
    async with database.as_user(user) as connection:
        await connection.execute(READ_ONLY)
        table = await _find(connection, name)
        chosen = [_column(table, column) for column in dict.fromkeys(columns)] or list(
            table.columns.values()
        )
        # Both kinds of names come from the catalog, quoted by it.
        query = f"select row_to_json(t.*)::text from (select {', '.join(chosen)} from {table.name}"
        try:
            async for row in connection.cursor(f"{query} limit $1) t", limit, prefetch=PREFETCH):
                yield row[0].encode() + b"\n"
        except asyncpg.QueryCanceledError:
            raise Problem(504, f"Reading {name} takes more than {PATIENCE}.") from None
        except REFUSALS as error:
            raise Problem(422, f"table: Reading {name} fails: {error.args[0]}.") from None


async def _find(connection: Connection, name: str) -> Table:
    row = await connection.fetchrow(READABLE, SCHEMA, name.removeprefix(f"{SCHEMA}."))
    if row is None:
        raise not_found(f"table or view '{name}' in the schema {SCHEMA} that you may read")
    return Table(row["name"], dict(zip(row["columns"], row["quoted"], strict=True)))


def _column(table: Table, name: str) -> str:
    if name not in table.columns:
        choice = ", ".join(table.columns)
        raise invalid_field("columns", f"'{name}' is no column that you may read; choose {choice}")
    return table.columns[name]
