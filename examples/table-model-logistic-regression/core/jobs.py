"""Jobs of this machine: each is a folder under `jobs/`, and one process at a time.

The process trains or serves, or follows what trains or serves on a rented machine.

jobs/NAME/job.json         what it is
jobs/NAME/log.txt          what its processes printed
jobs/NAME/runs.txt         the folders of its runs, oldest first; the run writes it
jobs/NAME/attempts/1/      one process: attempt.json as it began, ended.json as it ended

Folders appear with their content, at once, and only one process can create each of them. So
whoever dies at whatever moment leaves a job that runs, has ended, or can be started again.
"""

import argparse
import json
import os
import re
import runpy
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import psutil

from core.errors import ExitCode, UserError
from core.records import is_unfinished, last_record, unfinished_runs, write_json

JOBS = Path("jobs")
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")
SCRIPTS = {"train": "train.py", "serve": "serve.py"}
PAUSED = (ExitCode.STOPPED, ExitCode.INTERRUPTED, ExitCode.TERMINATED)
# Of a run that goes on, beside --output.
MAY_DIFFER = ("--max-minutes", "--price-per-hour")
MAY_DIFFER_ELSEWHERE = ("--gpu", "--max-cost", "--max-hourly")
# Seconds for a checkpoint before a job that shall end is killed.
GRACE = 60
GRACE_ELSEWHERE = 900  # the checkpoint has to come here first
TAIL = 1 << 16  # bytes of the log in which an error is looked for


@dataclass(frozen=True)
class Job:
    name: str

    @classmethod
    def create(cls, name: str | None, kind: str, options: Sequence[str] = ()) -> Self:
        """The job of that name, new or not; without a name always a new one.

        Args:
            options: That each of its processes gets, before what it is started with.

        Raises:
            UserError: It is no name, or that of another kind of job.
        """
        if name is not None and not NAME.fullmatch(name):
            raise UserError(
                f"--name {name}: use lower-case letters, digits and dashes only, at most 100."
            )
        job = cls(name or datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f"))
        output = "runs" if name is None else (job.folder / "runs").as_posix()
        facts = {"id": job.name, "kind": kind, "output": output, "options": list(options)}
        _create_folder(job.folder, "job.json", facts)
        if job.kind != kind:
            raise UserError(f"--name {name} is taken by a job that runs {SCRIPTS[job.kind]}.")
        return job

    @classmethod
    def find(cls, name: str) -> Self:
        """
        Raises:
            UserError: There is no such job.
        """
        names = [job.name for job in cls.all()]
        if name not in names:
            raise UserError(f"No job {name!r}; there are: {', '.join(names) or 'none'}.")
        return cls(name)

    @classmethod
    def all(cls) -> list[Self]:
        return [cls(path.parent.name) for path in sorted(JOBS.glob("[!.]*/job.json"))]

    @property
    def folder(self) -> Path:
        return JOBS / self.name

    @property
    def log(self) -> Path:
        return self.folder / "log.txt"

    @property
    def facts(self) -> dict[str, Any]:
        return _read(self.folder / "job.json")

    @property
    def kind(self) -> str:
        kind: str = self.facts["kind"]
        return kind

    @property
    def attempts(self) -> int:
        return max((int(path.name) for path in self.folder.glob("attempts/[0-9]*")), default=0)

    @property
    def attempt(self) -> dict[str, Any]:
        """How the newest process began; empty before the first."""
        return _read(self._attempt_folder / "attempt.json")

    @property
    def _attempt_folder(self) -> Path:
        return self.folder / "attempts" / str(self.attempts)

    @property
    def process(self) -> psutil.Process | None:
        """The newest process while it lives, told by its command line: numbers are used again."""
        attempt = self.attempt
        try:
            process = psutil.Process(attempt.get("pid", -1))
            return process if attempt["token"] in process.cmdline() else None
        except (psutil.Error, ValueError):
            return None

    @property
    def runs(self) -> list[Path]:
        """Folders of its runs, oldest first; only the last can grow."""
        file = self.folder / "runs.txt"
        lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
        return [Path(line) for line in dict.fromkeys(lines)]

    @property
    def artifact(self) -> Path | None:
        finished = [run for run in self.runs if (run / "manifest.json").is_file()]
        return finished[-1] if finished else None

    @property
    def state(self) -> str:
        """running, finished, stopped (it can go on), failed, or lost (killed; it can go on)."""
        if self.process:
            return "running"
        code = self.exit_code
        if self.kind == "train" and self.artifact:
            return "finished"  # also one that could not push what it made: `reason` says so
        if code is None:
            return "lost"
        if code in PAUSED:
            return "stopped"
        if code:
            return "failed"
        return "finished" if self.kind == "train" else "stopped"

    @property
    def exit_code(self) -> int | None:
        code: int | None = _read(self._attempt_folder / "ended.json").get("exit_code")
        return code

    @property
    def reason(self) -> str | None:
        """The last error in the log of the newest process, in one sentence."""
        with self.log.open("rb") as file:
            end = file.seek(0, os.SEEK_END)
            file.seek(max(self.attempt["log_start"], end - TAIL))
            lines = file.read().decode("utf-8", errors="replace").split("\n")
        said = [line.strip().rsplit("\r", 1)[-1] for line in lines if line.strip()]
        errors = [line for line in said if line.startswith("error: ")]
        return next((line.removeprefix("error: ") for line in (*errors[-1:], *said[-1:])), None)

    @property
    def cost(self) -> float:
        """USD so far, of all its runs."""
        events = (last_record(run / "events.jsonl") for run in reversed(self.runs))
        return float(next((e["cost_usd"] for e in events if "cost_usd" in e), 0.0))

    @property
    def status(self) -> dict[str, Any]:
        state, code = self.state, self.exit_code
        port = self.attempt.get("port") if state == "running" else None
        return {
            "id": self.name,
            "kind": self.kind,
            "state": state,
            "exit_code": None if state == "running" else code,
            "reason": self.reason if state == "failed" or (state == "finished" and code) else None,
            "url": f"http://127.0.0.1:{port}" if port else None,
            "cost_usd": self.cost,
        }

    def start(self, arguments: list[str]) -> None:
        """Start a process, unless one runs or the job has finished; returns once it is known.

        Raises:
            UserError: It ended before it became the job's process.
        """
        if self.state in ("running", "finished"):
            return
        token = uuid4().hex
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", __spec__.name, self.name, token, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=os.environ | {"PYTHONUNBUFFERED": "1"},  # a kill must not cost the log
                start_new_session=True,  # it outlives this terminal
            )
        while self.attempt.get("token") != token:
            if process.poll():
                raise UserError(f"{self.name} could not start: {self.log} says why.")
            if process.returncode == 0:  # another launch was faster
                return
            time.sleep(0.02)

    def run(self, token: str, given: list[str]) -> ExitCode | int:
        """Be the job's process, unless another is, or the job has finished."""
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(ExitCode.TERMINATED))
        folder = self.folder / "attempts" / str(self.attempts + 1)
        if self.state in ("running", "finished"):
            return ExitCode.OK
        given = given or self.attempt.get("arguments", [])
        arguments, port = self._complete(given)
        facts = {"token": token, "pid": os.getpid(), "arguments": given, "port": port}
        facts["log_start"] = self.log.stat().st_size
        if not _create_folder(folder, "attempt.json", facts):
            return ExitCode.OK
        os.environ["RUNS_FILE"] = str(self.folder / "runs.txt")
        code: int = ExitCode.BUG
        try:
            code = _call(SCRIPTS[self.kind], [*self.facts["options"], *arguments])
        finally:
            write_json(folder / "ended.json", {"exit_code": code})
        return code

    def _complete(self, given: list[str]) -> tuple[list[str], int | None]:
        if self.kind == "serve":
            port = _option(given, "--port") or "0"
            port = port if port != "0" else str(_free_port())
            return [*given, "--port", port], int(port) if port.isdecimal() else None
        output = _option(given, "--output") or self.facts["output"]
        if not self._can_resume(Path(output)):
            return [*given, "--output", output], None
        free = (*MAY_DIFFER, *(MAY_DIFFER_ELSEWHERE if self.facts["options"] else ()))
        kept = [(name, _option(given, name)) for name in free]
        options = [word for name, value in kept if value for word in (name, value)]
        return ["--resume", "--output", output, *options], None

    def _can_resume(self, output: Path) -> bool:
        """Whether `train.py --resume` would go on with the last run of this job."""
        last = self.runs[-1:]
        return bool(last) and is_unfinished(last[0]) and unfinished_runs(output)[-1:] == last


def end(jobs: list[Job], *, ask: bool = True) -> None:
    """Ask them to keep a checkpoint and end; end them after a minute, or at once if not to be asked."""
    for process in _processes(jobs) if ask else ():
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    if ask:
        _wait(jobs)
    for process in _processes(jobs):
        with suppress(psutil.NoSuchProcess):
            for member in (*process.children(recursive=True), process):
                member.kill()
    _wait(jobs)


def _processes(jobs: list[Job]) -> list[psutil.Process]:
    return [process for job in jobs if (process := job.process)]


def _wait(jobs: list[Job]) -> None:
    elsewhere = any(job.facts["options"] for job in jobs)
    deadline = time.monotonic() + (GRACE_ELSEWHERE if elsewhere else GRACE)
    while _processes(jobs) and time.monotonic() < deadline:
        time.sleep(0.05)


def _create_folder(folder: Path, name: str, facts: dict[str, Any]) -> bool:
    """Create `folder` with one file in it, at once; False where it is there already."""
    staged = folder.with_name(f".{folder.name}-{uuid4().hex}")
    staged.mkdir(parents=True)
    write_json(staged / name, facts)
    try:
        staged.rename(folder)  # fails on a folder that is not empty
    except OSError:
        shutil.rmtree(staged)
        return False
    return True


def _read(path: Path) -> dict[str, Any]:
    try:
        facts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    return facts


def _call(script: str, arguments: list[str]) -> int:
    """Run a script in this very process: were there two, one could outlive the other."""
    sys.argv = [script, *arguments]
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    return ExitCode.OK


def _option(arguments: list[str], name: str) -> str | None:
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument(name, dest="value", nargs="?")
    value: str | None = parser.parse_known_args(arguments)[0].value
    return value


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


if __name__ == "__main__":
    sys.exit(Job(sys.argv[1]).run(sys.argv[2], sys.argv[3:]))
