"""What the tests of the web pages start: Node, and the pages."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.backend import free_port, wait_until

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

    def link(self, installed: Path) -> None:
        """Have what is installed there, as fast as files are linked."""
        modules = "node_modules"
        shutil.copytree(
            installed / modules, self.folder / modules, symlinks=True, copy_function=os.link
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


def memory(pages: Pages) -> int:
    """Bytes that a server of pages and its children have."""
    process = psutil.Process(pages.pid)
    family = [process, *process.children(recursive=True)]
    return sum(member.memory_info().rss for member in family)


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
