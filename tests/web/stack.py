"""What the tests of the web pages start: Node, the pages, the backend behind them."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

MEGABYTE = 2**20
OLDEST_NODE = 22
NEXT = "node_modules/next/dist/bin/next"
OURS = ("ML_", "SUPABASE_", "DATABASE_", "OPENROUTER_", "E2E_", "npm_")


def find_node() -> Path | None:
    """The real program, which signals reach: PyPI's is a Python script that starts it."""
    for folder in [str(Path(sys.executable).parent), *os.get_exec_path()]:
        if node := shutil.which("node", path=folder):
            said = _output(node, "-p", "process.versions.node + ' ' + process.execPath")
            version, _, path = said.strip().partition(" ")
            if int(version.split(".")[0]) >= OLDEST_NODE:
                return Path(path)
    return None


def find_chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome")
    found = (shutil.which(name) for name in names)
    return os.environ.get("CHROMIUM_PATH") or next(filter(None, found), None)


@dataclass(frozen=True)
class Node:
    """Programs of Node in the folder of an app."""

    program: Path
    folder: Path

    def __call__(self, *command: str, **environment: str) -> str:
        """What a command says; npm is Node's own, not another one's on this machine."""
        npm = self.program.parents[1] / "lib/node_modules/npm/bin/npm-cli.js"
        words = [str(self.program), *([str(npm), *command[1:]] if command[0] == "npm" else command)]
        done = subprocess.run(
            words,
            cwd=self.folder,
            env=self.environment | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}"
        return done.stdout

    @property
    def environment(self) -> dict[str, str]:
        """Without what is set where the tests run."""
        rest = {name: text for name, text in os.environ.items() if not name.startswith(OURS)}
        path = os.pathsep.join([str(self.program.parent), *os.get_exec_path()])
        # Next.js misses its cache of an earlier build where CI is set, and warns.
        return rest | {"PATH": path, "NEXT_TELEMETRY_DISABLED": "1", "CI": ""}

    def install(self, cache: Path) -> None:
        """`npm ci`, once for all runs of the tests."""
        installed = cache / "node_modules"
        if not (cache / "done").exists():
            for name in ("package.json", "package-lock.json"):
                shutil.copy2(self.folder / name, cache)
            Node(self.program, cache)("npm", "ci", "--no-audit", "--no-fund")
            (cache / "done").touch()
        shutil.copytree(
            installed, self.folder / "node_modules", symlinks=True, copy_function=os.link
        )

    def build(self, **environment: str) -> None:
        said = self(NEXT, "build", **environment)
        assert "warn" not in said.lower() and "⚠" not in said, said

    @contextmanager
    def serving(self, command: str = "start", **environment: str) -> Iterator["Pages"]:
        """The pages, as `next start` or `next dev` serves them."""
        port = int(environment.get("PORT") or free_port())
        log = self.folder / f"next-{port}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [self.program, NEXT, command, "--hostname", "127.0.0.1", "--port", str(port)],
                cwd=self.folder,
                env=self.environment | environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            pages = Pages(f"http://127.0.0.1:{port}", process.pid, log)
            wait_until(lambda: "Ready in" in log.read_text(), log)
            yield pages
        finally:
            process.terminate()
            process.wait(20)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # what `next dev` leaves
            log.unlink()


@dataclass(frozen=True)
class Pages:
    url: str
    pid: int
    log: Path


class Backend:
    """The backend of a generated project and a worker, on a database of their own."""

    def __init__(self, project: Path, data: Path) -> None:
        self.folder = project / "backend"
        self.data = data
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = os.environ | {
            "ML_DATA_DIR": str(data),
            "PORT": str(self.port),
            "PUBLIC_URL": self.url,
            "PYTHONPATH": str(project / "ml"),  # a project installs `core` instead
            "HF_HUB_OFFLINE": "1",
        }

    def __call__(self, *module: str) -> None:
        command = [sys.executable, "-m", *module]
        subprocess.run(command, cwd=self.folder, env=self.environment, check=True)

    @contextmanager
    def running(self) -> Iterator[None]:
        with ExitStack() as stack:
            self("app.local.postgres", "start")
            stack.callback(self, "app.local.postgres", "stop")
            self("app.migrate")
            stack.callback(self._stop_models)
            for module in ("app.worker", "app.main"):
                stack.enter_context(self._process(module))
            wait_until(self._is_ready, self.data / "app.main.log")
            yield

    def _stop_models(self) -> None:
        """Those in production, which outlive the worker."""
        for program in self.folder.parent.glob("ml/*/cloud.py"):
            command = [sys.executable, program.name, "suspend"]
            subprocess.run(command, cwd=program.parent, env=self.environment, check=True)

    @contextmanager
    def _process(self, module: str) -> Iterator[None]:
        path = self.data / f"{module}.log"
        with path.open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", module],
                cwd=self.folder,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            yield
        finally:
            process.terminate()
            process.wait(30)

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", trust_env=False).is_success
        except httpx.TransportError:
            return False


def memory(pages: Pages) -> int:
    """Bytes that a server of pages and its children have."""
    process = psutil.Process(pages.pid)
    family = [process, *process.children(recursive=True)]
    return sum(member.memory_info().rss for member in family)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


def wait_until(condition: Callable[[], bool], log: Path, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
