"""What the tests share: a database of their own, two users, and the application."""

import os
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx
import pytest
import structlog
from fastapi import FastAPI
from starlette.routing import BaseRoute
from structlog.dev import ConsoleRenderer, plain_traceback

from app.core.auth import User
from app.core.database import Database
from app.core.settings import Settings
from app.local import postgres
from app.local.postgres import Urls
from app.local.signing_key import SigningKey
from app.main import create_app
from app.migrate import migrate

MIGRATIONS = Settings().ml_migrations_dir.resolve()
VERSION = int(os.environ.get("POSTGRES_VERSION", postgres.VERSION))
for name in Settings.model_fields:  # tests do not depend on what is set where they run
    os.environ.pop(name.upper(), None)
# Nobody speaks TLS here: a client need not read the certificates of the world each time.
os.environ.pop("SSL_CERT_FILE", None)
os.environ["SSL_CERT_DIR"] = os.devnull
# To draw tracebacks in boxes takes seconds.
structlog.configure([ConsoleRenderer(exception_formatter=plain_traceback)])
DELETION = """
select string_agg('delete from ' || oid::regclass, '; ') from pg_class
where relkind = 'r' and relnamespace in ('auth'::regnamespace, 'public'::regnamespace)
"""

Token = Callable[[User], str]


@pytest.fixture(scope="session")
def data_dir() -> Iterator[Path]:
    """Not pytest's own folder, which it closes to Postgres's account where the tests run as root."""
    with tempfile.TemporaryDirectory(prefix="ml-") as folder:
        yield Path(folder).resolve()


@pytest.fixture(scope="session")
async def urls(data_dir: Path) -> AsyncIterator[Urls]:
    """A server with all migrations."""
    folder = data_dir / postgres.FOLDER
    urls = postgres.start(folder, VERSION)
    try:
        await _spare_the_disk(urls)
        await migrate(urls.admin, MIGRATIONS)
        yield urls
    finally:
        postgres.stop(folder)


@pytest.fixture
def settings(urls: Urls, tmp_path: Path) -> Settings:
    """The database of all tests; files and keys of one."""
    return Settings.model_validate(
        {
            "_env_file": None,
            "database_url": urls.backend,
            "ml_data_dir": tmp_path,
            "ml_migrations_dir": MIGRATIONS,
        }
    )


@pytest.fixture
async def admin(urls: Urls) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A superuser, to look behind the scenes."""
    connection = await asyncpg.connect(urls.admin)
    yield connection
    await connection.close()


@pytest.fixture(scope="session")
async def pool(urls: Urls) -> AsyncIterator[Database]:
    """Of all tests: to connect takes longer than most of them."""
    database = await Database.connect(urls.backend)
    yield database
    await database.close()


@pytest.fixture(scope="session")
async def keeper(urls: Urls) -> AsyncIterator["asyncpg.Pool[asyncpg.Record]"]:
    """A superuser whose statements wake no trigger; it comes back when a test ends the server."""
    replica = {"session_replication_role": "replica"}
    async with asyncpg.create_pool(
        urls.admin, min_size=0, max_size=1, server_settings=replica
    ) as pool:
        yield pool


@pytest.fixture(scope="session")
async def deletion(keeper: "asyncpg.Pool[asyncpg.Record]") -> str:
    """Of all rows; to truncate the tables takes forty times as long."""
    deletion: str = await keeper.fetchval(DELETION)
    return deletion


@pytest.fixture
async def database(
    pool: Database, keeper: "asyncpg.Pool[asyncpg.Record]", deletion: str
) -> Database:
    """Empty at the start of each test."""
    await keeper.execute(deletion)
    return pool


@pytest.fixture
async def user(database: Database) -> User:
    return await _add_user(database, "owner@example.com")


@pytest.fixture
async def other(database: Database) -> User:
    return await _add_user(database, "other@example.com")


@pytest.fixture
def token(settings: Settings) -> Token:
    """Signs a user in."""
    key = SigningKey.of(settings.ml_data_dir)

    def token(user: User) -> str:
        return key.sign(user.claims | {"iss": settings.auth_url})

    return token


@pytest.fixture(scope="session")
def routes() -> list[BaseRoute]:
    """FastAPI works them out when they are first asked for, which one application does for all."""
    return create_app(Settings.model_validate({"_env_file": None})).routes


@pytest.fixture
def app(settings: Settings, routes: list[BaseRoute]) -> FastAPI:
    app = create_app(settings)
    app.router.routes = routes
    return app


@pytest.fixture
async def client(
    app: FastAPI, settings: Settings, database: Database
) -> AsyncIterator[httpx.AsyncClient]:
    """Asks the application, which runs in this process."""
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(app.router.lifespan_context(app))
        transport = httpx.ASGITransport(app)
        yield await stack.enter_async_context(
            httpx.AsyncClient(transport=transport, base_url=settings.public_url)
        )


async def _spare_the_disk(urls: Urls) -> None:
    """Only a power cut loses data without fsync; a killed server does not."""
    connection = await asyncpg.connect(urls.admin)
    await connection.execute("alter system set fsync = off")
    await connection.execute("select pg_reload_conf()")
    await connection.close()


async def _add_user(database: Database, email: str) -> User:
    user_id = uuid4()
    async with database.as_role("supabase_auth_admin", {}) as connection:
        await connection.execute(
            "insert into auth.users (id, email) values ($1, $2)", user_id, email
        )
    claims = {
        "sub": str(user_id),
        "email": email,
        "role": "authenticated",
        "aud": "authenticated",
        "exp": int(time.time()) + 3600,
    }
    return User(user_id, email, claims)
