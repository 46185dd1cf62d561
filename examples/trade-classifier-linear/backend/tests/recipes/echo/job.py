"""Jobs under `jobs/`: the process of one is whoever holds the lock of its folder."""

import fcntl
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

LOCK_WITHIN = 1  # seconds; `is_running` takes the lock for a moment


class Job:
    def __init__(self, name: str) -> None:
        self.name = name
        self.folder = Path("jobs", name)

    @property
    def is_running(self) -> bool:
        with (self.folder / "lock").open("a") as lock:
            return not _lock(lock.fileno(), fcntl.LOCK_SH)

    @property
    def pid(self) -> int:
        return int((self.folder / "lock").read_text() or 0)

    @property
    def status(self) -> dict[str, Any]:
        """The exit code is written by a process that ends by itself, so a killed one is lost."""
        is_running = self.is_running
        code = None if is_running else self.read("ended.json").get("exit_code")
        states = {0: "finished", 4: "stopped", 143: "stopped", None: "lost"}
        state = "running" if is_running else states.get(code, "failed")
        errors = [line for line in self.log.splitlines() if line.startswith("error: ")]
        return {
            "id": self.name,
            "kind": self.read("job.json")["kind"],
            "state": state,
            "exit_code": code,
            "reason": errors[-1].removeprefix("error: ") if errors and state == "failed" else None,
            "url": self.read("url.json").get("url") if state == "running" else None,
            "cost_usd": 0,
        }

    @property
    def log(self) -> str:
        return (self.folder / "log.txt").read_text()

    def read(self, name: str) -> dict[str, Any]:
        path = self.folder / name
        content: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
        return content

    def write(self, name: str, content: dict[str, Any]) -> None:
        staged = self.folder / f".{name}.{os.getpid()}"
        staged.write_text(json.dumps(content))
        staged.replace(self.folder / name)

    def run(self, work: Callable[["Job"], int]) -> int:
        """Be the process of this job, unless another one is."""
        with (self.folder / "lock").open("r+") as lock:
            deadline = time.monotonic() + LOCK_WITHIN
            while not _lock(lock.fileno(), fcntl.LOCK_EX):
                if time.monotonic() > deadline:
                    return 0
                time.sleep(0.01)
            if self.read("ended.json").get("exit_code") == 0:
                return 0
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            for old in ("ended.json", "url.json"):
                (self.folder / old).unlink(missing_ok=True)
            code = work(self)
            self.write("ended.json", {"exit_code": code})
            sys.stdout.flush()
            return code


def _lock(file: int, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
