"""The embedded server: it starts after whatever happened, and keeps what was committed."""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import psutil
import pytest

from app.core.database import database_url
from app.core.settings import Settings
from app.local import postgres
from app.local.accounts import PostgresError
from tests.conftest import VERSION

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Of a server that runs at the start of each test, with one row in `public.kept`."""
    with tempfile.TemporaryDirectory(prefix="ml-") as path:
        folder = Path(path).resolve() / postgres.FOLDER
        yield folder
        postgres.stop(folder)


@pytest.fixture(autouse=True)
async def kept(folder: Path) -> None:
    async with connect(postgres.start(folder, VERSION).admin) as admin:
        await admin.execute("create table if not exists public.kept (number integer)")
        await admin.execute("truncate public.kept; insert into public.kept values (1)")


@asynccontextmanager
async def connect(url: str) -> AsyncIterator["asyncpg.Connection[Any]"]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        with contextlib.suppress(asyncpg.PostgresConnectionError, OSError):
            await connection.close(timeout=1)


def postmaster(folder: Path) -> psutil.Process:
    return psutil.Process(int((folder / "data" / "postmaster.pid").read_text().split()[0]))


def kill(folder: Path) -> None:
    """As the kernel does when memory is short: with no word to its children."""
    process = postmaster(folder)
    process.kill()
    with contextlib.suppress(psutil.NoSuchProcess):
        while process.status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.01)


def command(folder: Path, name: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "app.local.postgres", name],
        env=os.environ | {"ML_DATA_DIR": str(folder.parent)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


async def has_kept(url: str) -> bool:
    async with connect(url) as admin:
        return bool(await admin.fetchval("select array_agg(number) = '{1}' from public.kept"))


async def test_it_has_what_supabase_has(folder: Path) -> None:
    async with connect(postgres.start(folder).admin) as admin:
        assert admin.get_server_version().major == VERSION
        assert await admin.fetchval("select '[1,2]'::extensions.vector <-> '[1,3]'") == 1
        assert await admin.fetchval("select lower('ÉLECTRICIEN')") == "électricien"
        assert await admin.fetchval("select auth.uid() is null and auth.role() is null")
        assert await admin.fetchval("select count(*) from pg_default_acl") == 0


async def test_the_login_of_the_backend_can_do_nothing_by_itself(folder: Path) -> None:
    async with connect(postgres.start(folder).backend) as backend:
        for statement in (
            "select * from public.kept",
            "select * from auth.users",
            "create table public.mine ()",
            "create table extensions.mine ()",
            "set role postgres",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await backend.execute(statement)
        for role in ("anon", "authenticated", "service_role"):
            await backend.execute(f"set role {role}")


def test_a_second_start_finds_the_first(folder: Path) -> None:
    urls, process = postgres.running(folder), postmaster(folder)
    assert postgres.start(folder) == urls
    assert postmaster(folder) == process


def test_starts_at_the_same_time_make_one_server(tmp_path_factory: pytest.TempPathFactory) -> None:
    with tempfile.TemporaryDirectory(prefix="ml-") as path:
        folder = Path(path) / postgres.FOLDER
        starts = [command(folder, "start") for _ in range(3)]
        try:
            assert [start.wait(60) for start in starts] == [0, 0, 0]
            assert postgres.running(folder)
        finally:
            postgres.stop(folder)
        assert postgres.running(folder) is None


def test_secrets_are_for_the_owner_alone(folder: Path) -> None:
    urls = postgres.start(folder)
    assert (folder / "server.json").stat().st_mode & 0o077 == 0
    assert (folder / "data").stat().st_mode & 0o077 == 0
    assert not (folder / "password.new").exists()
    for url in (urls.admin, urls.backend):
        assert str(urlsplit(url).password) not in " ".join(postmaster(folder).cmdline())


async def test_it_asks_for_the_password_on_this_machine_only(folder: Path) -> None:
    parts = urlsplit(postgres.start(folder).admin)
    assert parts.port
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(f"postgresql://postgres:wrong@127.0.0.1:{parts.port}/postgres")
    addresses = {place.laddr.ip for place in postmaster(folder).net_connections("tcp")}
    assert addresses == {"127.0.0.1"}


async def test_kill_in_the_middle_of_work(folder: Path) -> None:
    """Committed rows are all there, uncommitted ones are not."""
    for _ in range(3):
        async with connect(postgres.start(folder).admin) as admin:
            await admin.execute("begin; insert into public.kept values (2)")
            kill(folder)
            assert postgres.running(folder) is None
        assert await has_kept(postgres.start(folder).admin)


async def test_what_a_killed_server_leaves_behind_is_ended(folder: Path) -> None:
    """A statement that computes does not notice that its server is gone."""
    async with connect(postgres.start(folder).admin) as admin:
        orphan = psutil.Process(admin.get_server_pid())
        computing = asyncio.create_task(
            admin.execute("do $$ begin loop perform 1; end loop; end $$")
        )
        await asyncio.sleep(0.2)
        kill(folder)
        assert orphan.is_running()
        assert await has_kept(postgres.start(folder).admin)
        assert not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE
        with pytest.raises((asyncpg.PostgresConnectionError, ConnectionError)):
            await computing


async def test_a_stranger_with_the_process_id_fools_nobody(folder: Path) -> None:
    kill(folder)
    pid_file = folder / "data" / "postmaster.pid"
    _, *rest = pid_file.read_text().splitlines(keepends=True)
    pid_file.write_text("".join([f"{os.getpid()}\n", *rest]))
    assert postgres.running(folder) is None
    assert await has_kept(postgres.start(folder).admin)


async def test_its_port_is_taken(folder: Path) -> None:
    port = urlsplit(postgres.start(folder).admin).port
    postgres.stop(folder)
    with socket.create_server(("127.0.0.1", port or 0)):
        assert postgres.running(folder) is None
        urls = postgres.start(folder)
        assert urlsplit(urls.admin).port != port
        assert await has_kept(urls.admin)


async def test_it_comes_back_at_its_port(folder: Path) -> None:
    urls = postgres.start(folder)
    postgres.stop(folder)
    postgres.stop(folder)
    assert postgres.start(folder) == urls
    assert await has_kept(urls.admin)


def test_a_making_that_was_cut_off_is_begun_anew() -> None:
    with tempfile.TemporaryDirectory(prefix="ml-") as path:
        folder = Path(path) / postgres.FOLDER
        (folder / "data.new" / "base").mkdir(parents=True)
        (folder / "server.json").write_text("")
        assert postgres.running(folder) is None
        assert postgres.start(folder, VERSION)
        postgres.stop(folder)


async def test_a_first_start_that_was_cut_off_is_completed(folder: Path) -> None:
    """The server runs, but without what Supabase has."""
    async with connect(postgres.start(folder).admin) as admin:
        await admin.execute("drop schema auth cascade; drop owned by backend; drop role backend")
    assert postgres.running(folder) is None
    async with connect(postgres.start(folder).backend) as backend:
        await backend.execute("set role supabase_auth_admin; select from auth.users")


def test_a_lost_password_is_said(folder: Path) -> None:
    state = folder / "server.json"
    kept = state.read_text()
    state.write_text("")
    with pytest.raises(PostgresError, match=f"{state} is missing or damaged"):
        postgres.start(folder)
    state.write_text(kept)
    assert postgres.running(folder)


def test_without_a_server_there_is_one_sentence(tmp_path: Path) -> None:
    settings = Settings.model_validate({"_env_file": None, "ml_data_dir": tmp_path})
    with pytest.raises(SystemExit, match="set DATABASE_URL, or start"):
        database_url(settings)
    asked = command(tmp_path / postgres.FOLDER, "url")
    assert asked.wait() == 1
    assert asked.stderr and "It does not run" in asked.stderr.read()
    assert list(tmp_path.iterdir()) == []


def test_the_url_for_people(folder: Path) -> None:
    asked = command(folder, "url")
    assert asked.communicate()[0].strip() == postgres.start(folder).admin
