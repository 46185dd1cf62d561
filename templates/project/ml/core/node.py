"""What runs on a rented machine beside a training: it takes files, starts, answers, and ends the machine.

Standard library only, for the Python that the machine comes with; over SSH, as `python3 node.py state`.
A guard ends the machine at its deadline, when it is of no use any more, and when its GPU idles.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

MINUTES = 60  # seconds
UNHEARD = 60 * MINUTES  # without a word of whoever rented it, and without a training
IDLE = 30 * MINUTES  # of the GPU while a training runs
ROUND = 15  # seconds between two looks of the guard
CHUNK = 1 << 20  # bytes


class Node:
    """The machine's state is files in one folder.

    Args:
        home: The folder; `rental.json` in it says until when the machine is rented.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self.work = home / "work"  # what is sent and what is trained
        self.log = home / "log.txt"

    # What whoever rented the machine asks for.

    def offsets(self) -> None:
        """Of files {path: sha256} on standard input: how much of each is here, -1 for all of it."""
        wanted = json.load(sys.stdin)
        print(json.dumps({path: self._arrived(path, sha) for path, sha in wanted.items()}))

    def put(self, path: str, sha256: str, start: str) -> None:
        """Go on with a file at byte `start`; it appears once all of it is there."""
        part = self._part(path, sha256)
        part.parent.mkdir(parents=True, exist_ok=True)
        with part.open("r+b" if part.exists() else "w+b") as file:
            file.seek(int(start))
            file.truncate()
            shutil.copyfileobj(sys.stdin.buffer, file, CHUNK)
        if _sha256(part) == sha256:
            part.replace(self.work / path)

    def versions(self, folder: str) -> None:
        """Size and time of every file below a folder."""
        root = self.work / folder
        found = {}
        for path in sorted(root.rglob("*")):
            try:
                facts = path.stat()
            except FileNotFoundError:  # a checkpoint that was given up meanwhile
                continue
            if path.is_file():
                found[path.relative_to(root).as_posix()] = [facts.st_size, facts.st_mtime]
        print(json.dumps(found))

    def get(self, path: str, start: str) -> None:
        """What a file holds from byte `start` on."""
        with (self.work / path).open("rb") as file:
            file.seek(int(start))
            shutil.copyfileobj(file, sys.stdout.buffer, CHUNK)

    def start(self) -> None:
        """Run the command on standard input; once, however often it is asked."""
        _write(self.home / "order.json", json.load(sys.stdin))
        self._spawn("run")

    def run(self) -> None:
        """Be the process that waits for the command and keeps its exit code, unless another is."""
        try:
            (self.home / "started").mkdir()
        except FileExistsError:
            return
        order = self._order()
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                ["bash", "-c", order["command"]],
                cwd=str(self.work),
                env={**os.environ, **order["environment"], "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        _write(self.home / "process.json", {"pid": process.pid})
        _write(self.home / "ended.json", {"exit_code": process.wait()})

    def stop(self) -> None:
        """Ask the training to keep a checkpoint and end."""
        if self.is_running():
            os.killpg(json.loads((self.home / "process.json").read_text())["pid"], signal.SIGTERM)

    def state(self) -> None:
        """Whether it was started, runs, and how it ended; which runs it has."""
        ended = self.home / "ended.json"
        runs = self.home / "runs.txt"
        facts = {
            "started": (self.home / "started").exists(),
            "running": self.is_running(),
            "exit_code": json.loads(ended.read_text())["exit_code"] if ended.exists() else None,
            "runs": runs.read_text().splitlines() if runs.exists() else [],
            "log": self.log.stat().st_size if self.log.exists() else 0,
        }
        print(json.dumps(facts))

    def read_log(self, start: str) -> None:
        with self.log.open("rb") as file:
            file.seek(int(start))
            shutil.copyfileobj(file, sys.stdout.buffer, CHUNK)

    # What watches over the bill.

    def guard(self) -> None:
        """End the machine when it is due; started with the machine, before anything else."""
        self.hear()
        idle_since = time.time()
        while True:
            if _gpu_works():
                idle_since = time.time()
            reason = self.due(time.time(), idle_since)
            if reason:
                self._end(reason)
            time.sleep(ROUND)

    def due(self, now: float, idle_since: float) -> str:
        """Why the machine has to end now; empty while it has not.

        Args:
            now: Seconds since the epoch.
            idle_since: When the GPU last did something, in the same.
        """
        rental = json.loads((self.home / "rental.json").read_text())
        if now >= rental["deadline"]:
            return "its deadline is over"
        if self.is_running() and not self._order()["ends_with_us"]:
            return "its GPU idles" if now - idle_since >= IDLE else ""
        heard = (self.home / "heard").stat().st_mtime
        return "nobody asks for it" if now - max(heard, self._ended()) >= UNHEARD else ""

    def hear(self) -> None:
        (self.home / "heard").touch()

    def is_running(self) -> bool:
        process = self.home / "process.json"
        if not process.exists() or (self.home / "ended.json").exists():
            return False
        try:
            os.killpg(json.loads(process.read_text())["pid"], 0)
        except (ProcessLookupError, PermissionError):
            return False
        return True

    def _order(self) -> dict[str, Any]:
        order: dict[str, Any] = json.loads((self.home / "order.json").read_text())
        return order

    def _ended(self) -> float:
        ended = self.home / "ended.json"
        return ended.stat().st_mtime if ended.exists() else 0.0

    def _end(self, reason: str) -> None:
        with self.log.open("a") as log:
            log.write(f"guard: {reason}; this machine ends.\n")
        self.stop()
        terminate = [sys.executable, str(self.home / "terminate.py")]
        subprocess.run(terminate, check=False)  # and again in the next round, until it is gone

    # Details.

    def _spawn(self, command: str) -> None:
        subprocess.Popen(
            [sys.executable, os.path.abspath(__file__), command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _part(self, path: str, sha256: str) -> Path:
        target = self.work / path
        return target.with_name(f".{target.name}.{sha256[:16]}")

    def _arrived(self, path: str, sha256: str) -> int:
        target, part = self.work / path, self._part(path, sha256)
        if target.is_file() and _sha256(target) == sha256:
            return -1
        return part.stat().st_size if part.exists() else 0


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for chunk in iter(lambda: file.read(CHUNK), b""):
            digest.update(chunk)
    return digest.hexdigest()


def _write(path: Path, value: object) -> None:
    staged = path.with_name(path.name + ".part")
    staged.write_text(json.dumps(value))
    staged.replace(path)


def _gpu_works() -> bool:
    """Whether any GPU does something; a machine that cannot say is taken to work."""
    query = ["nvidia-smi", "--query-gpu=utilization.gpu", "--format=csv,noheader,nounits"]
    try:
        shown = subprocess.run(query, stdout=subprocess.PIPE, check=True).stdout.decode()
        return any(int(line) > 0 for line in shown.split())
    except (OSError, ValueError, subprocess.CalledProcessError):
        return True


def main() -> None:
    command, *arguments = sys.argv[1:]
    node = Node(Path(__file__).resolve().parent)
    if command not in ("run", "guard"):
        node.hear()
    getattr(node, command)(*arguments)


if __name__ == "__main__":
    main()
