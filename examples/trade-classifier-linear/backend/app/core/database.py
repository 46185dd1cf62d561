"""Connections that act for one user, or for the service, and never for anyone longer than that."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Any, Self

import asyncpg
from asyncpg.pool import PoolConnectionProxy
from fastapi import Depends
from starlette.requests import HTTPConnection

from app.core.settings import Settings

if TYPE_CHECKING:
    from app.core.auth import User

    Connection = PoolConnectionProxy[asyncpg.Record]
else:
    Connection = PoolConnectionProxy  # generic in its stubs only

# Local to the transaction: the next user of the connection finds nothing of it.
ACT_AS = "select set_config('role', $1, true), set_config('request.jwt.claims', $2, true)"
SERVICE = {"role": "service_role"}
TIMEOUT = 60  # seconds; a server that hangs must not hang us
OUTAGES = (  # what it means that the database is away
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # it shuts down, or starts
    asyncpg.InsufficientResourcesError,
    asyncpg.InterfaceError,  # the connection was closed in the middle
    OSError,
)
UNREACHABLE = (  # or not with this URL
    *OUTAGES,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
)


class Database:
    """A pool whose statements all run in a transaction with a role and claims."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self.pool = pool

    @classmethod
    async def connect(cls, url: str, size: int = 10) -> Self:
        return cls(
            await asyncpg.create_pool(
                url,
                min_size=1,
                max_size=size,
                command_timeout=TIMEOUT,
                init=_use_json,
                reset=_keep,
            )
        )

    async def close(self) -> None:
        await self.pool.close()

    @asynccontextmanager
    async def as_user(self, user: "User") -> AsyncIterator[Connection]:
        """A transaction that sees what row level security shows the user."""
        async with self.as_role("authenticated", user.claims) as connection:
            yield connection

    @asynccontextmanager
    async def as_service(self) -> AsyncIterator[Connection]:
        """A transaction that sees everything: name the owner in each statement."""
        async with self.as_role("service_role", SERVICE) as connection:
            yield connection

    @asynccontextmanager
    async def as_role(self, role: str, claims: Mapping[str, Any]) -> AsyncIterator[Connection]:
        """The role comes from this program, never from a token."""
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute(ACT_AS, role, json.dumps(claims))
            yield connection

    async def call_as_user(
        self, user: "User", call: str, *arguments: Any
    ) -> "list[asyncpg.Record]":
        """A function that acts as the user itself, by the claims that it takes first.

        One round trip, where a transaction takes four.
        """
        return await self.pool.fetch(call, json.dumps(user.claims), *arguments)


def database_url(settings: Settings, *, for_migrations: bool = False) -> str:
    """The one that is set, or that of the embedded server.

    Raises:
        SystemExit: There is none, or it does not run.
    """
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    from app.local import postgres  # its packages are not installed where DATABASE_URL is set

    urls = postgres.running(settings.ml_data_dir / postgres.FOLDER)
    if urls is None:
        raise SystemExit(
            "No database: set DATABASE_URL, or start the embedded one with "
            "`python -m app.local.postgres start`."
        )
    return urls.admin if for_migrations else urls.backend


def reach_database(settings: Settings) -> None:
    """Try once.

    Raises:
        SystemExit: It cannot be reached, or there is none.
    """
    url = database_url(settings)
    try:
        asyncio.run(_try(url))
    except UNREACHABLE as error:
        raise SystemExit(f"The database cannot be reached: {error}") from None


async def _try(url: str) -> None:
    connection: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(url)
    await connection.close()


async def _of_app(connection: HTTPConnection) -> Database:
    database: Database = connection.app.state.database
    return database


AppDatabase = Annotated[Database, Depends(_of_app)]
"""What `app.state.database` holds while the application runs."""


async def _keep(connection: object) -> None:
    """Nothing outlives a transaction here: the usual reset would be a round trip for nothing."""


async def _use_json(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    for name in ("json", "jsonb"):
        await connection.set_type_codec(
            name, encoder=json.dumps, decoder=json.loads, schema="pg_catalog"
        )
