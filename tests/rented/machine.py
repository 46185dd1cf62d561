"""A machine's disk and guard for real, and a training that is told instead of computed."""

import io
import json
import os
import runpy
import shutil
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from contextlib import redirect_stdout, suppress
from pathlib import Path
from typing import IO, Any
from unittest.mock import patch

from pydantic import BaseModel

from core.artifact import write_manifest
from core.errors import ExitCode, ProviderError
from core.machines import Address
from core.node import Node
from core.shell import Unreachable

STEPS = 10
STEP = 60.0  # seconds
ENVIRONMENT = threading.Lock()  # there is one for all machines of a process


class Text(BaseModel):
    text: str


class SimulatedNode(Node):
    """`node.py` with another clock; of a training it knows when it started, not a process.

    Args:
        files: What the provider was told to write into its folder.
        environment: Variables that the provider gives it.
    """

    def __init__(
        self, home: Path, files: dict[str, str], clock: Any, environment: dict[str, str]
    ) -> None:
        super().__init__(home)
        self.environment = environment
        self.clock = clock
        self.is_gpu_idle = False
        self.is_dead = False
        self.exit_code = 0  # that the training ends with
        self.pushes = 0.0  # seconds that it pushes its artifact
        if files:
            home.mkdir(parents=True)
            for name, content in files.items():
                (home / name).write_text(content)
            self.hear()

    def hear(self) -> None:
        super().hear()
        os.utime(self.home / "heard", (self.clock.time(),) * 2)

    def is_running(self) -> bool:
        return self._training is not None and not (self.home / "ended.json").exists()

    def stop(self) -> None:
        if self.is_running():
            self.tick_training(self.clock.time())
            self._finish(143)

    def tick(self, now: float) -> None:
        """What a training and the guard do meanwhile."""
        if self.is_dead:
            return
        self.tick_training(now)
        if self.due(now, now - 24 * 3600 if self.is_gpu_idle else now):
            with ENVIRONMENT, patch.dict(os.environ, self.environment), suppress(SystemExit):
                runpy.run_path(str(self.home / "terminate.py"), run_name="__main__")

    def kill(self) -> None:
        self.is_dead = True
        shutil.rmtree(self.home, ignore_errors=True)

    # The training.

    @property
    def _training(self) -> dict[str, Any] | None:
        path = self.home / "training.json"
        return json.loads(path.read_text()) if path.exists() else None

    def _spawn(self, command: str) -> None:
        """Do what the order says: unpack, and start."""
        try:
            (self.home / "started").mkdir()
        except FileExistsError:
            return
        order = json.loads((self.home / "order.json").read_text())["command"].splitlines()
        for line in order:
            if line.startswith("tar -xf "):
                with tarfile.open(self.work / line.removeprefix("tar -xf ")) as tar:
                    tar.extractall(self.work, filter="data")
        folder = self.work / next(line for line in order if line.startswith("cd "))[3:]
        before = sorted(folder.glob("runs/*")) if "--resume" in order[-1] else []
        run = before[-1] if before else folder / "runs" / "20270115-080000"
        (run / "checkpoints").mkdir(parents=True, exist_ok=True)
        (self.home / "runs.txt").write_text(f"{run.relative_to(folder)}\n")
        (run / "config.json").write_text("{}")
        (run / "checkpoints/data.json").write_text('{"sha256": "0"}')
        state = run / "checkpoints/state.json"
        done = json.loads(state.read_text())["steps"] if state.exists() else 0
        facts = {"run": str(run), "since": self.clock.time(), "first": done, "done": done}
        (self.home / "training.json").write_text(json.dumps(facts))
        self._log_line(f"$ {order[-1]}")

    def tick_training(self, now: float) -> None:
        if not self.is_running():
            return
        facts = self._training
        assert facts is not None
        run = Path(facts["run"])
        if not (run / "manifest.json").exists():
            self._step(now, run, facts)
        over = facts["since"] + (STEPS - facts["first"]) * STEP
        if now < over + self.pushes:
            return
        if self.pushes and not self.exit_code:
            with (run / "events.jsonl").open("a") as events:
                events.write(json.dumps({"event": "pushed", "cost_usd": 0}) + "\n")
        self._finish(self.exit_code)

    def _step(self, now: float, run: Path, facts: dict[str, Any]) -> None:
        due = min(STEPS, facts["first"] + int((now - facts["since"]) / STEP))
        if due == facts["done"] < STEPS:
            return
        for step in range(facts["done"], due):
            event = {
                "event": "step",
                "step": step,
                "total_steps": STEPS,
                "loss": 1 / (step + 1),
                "samples_per_second": 4.0,
                "eta_seconds": (STEPS - step) * STEP,
                "cost_usd": 0,
            }
            with (run / "events.jsonl").open("a") as events:
                events.write(json.dumps(event) + "\n")
            self._log_line(f"step {step}")
        (run / "checkpoints/state.json").write_text(json.dumps({"steps": due}))
        (self.home / "training.json").write_text(json.dumps(facts | {"done": due}))
        if due == STEPS and self.exit_code in (0, ExitCode.DESTINATION):
            _publish(run)

    def _finish(self, code: int) -> None:
        ended = self.home / "ended.json"
        ended.write_text(json.dumps({"exit_code": code}))
        os.utime(ended, (self.clock.time(),) * 2)

    def _log_line(self, line: str) -> None:
        with self.log.open("a") as log:
            log.write(line + "\n")


class DirectShell:
    """`node.py` of a simulated machine, asked without SSH.

    Args:
        root: Folder with the machines' disks.
    """

    def __init__(self, root: Path, address: Address, clock: Any) -> None:
        self._home = root / f"{int(address.host.rpartition('.')[2]):032x}"
        self._clock = clock

    def read(self, *command: str) -> Iterator[bytes]:
        yield self._run(command, b"")

    def ask(self, *command: str, given: object = None) -> Any:
        out = self._run(command, json.dumps(given).encode())
        return json.loads(out) if out.strip() else None

    def send(self, source: IO[bytes], *command: str) -> None:
        self._run(command, source.read())

    def tunnel(self, local: int, remote: int) -> "subprocess.Popen[bytes]":
        raise AssertionError("nothing serves here")

    def _run(self, command: tuple[str, ...], given: bytes) -> bytes:
        if not self._home.exists():
            raise Unreachable("The machine can't be reached: Connection refused.")
        node = SimulatedNode(self._home, {}, self._clock, {})
        node.hear()
        stdin, out = sys.stdin, io.TextIOWrapper(io.BytesIO(), write_through=True)
        sys.stdin = io.TextIOWrapper(io.BytesIO(given))
        try:
            with redirect_stdout(out):
                getattr(node, command[0])(*command[1:])
        except (OSError, KeyError, ValueError) as error:
            raise ProviderError(f"A command failed on the machine: {error}.") from None
        finally:
            sys.stdin = stdin
        return out.buffer.getvalue() if isinstance(out.buffer, io.BytesIO) else b""


def _publish(run: Path) -> None:
    class Told:
        folder = run
        checkpoints = run / "checkpoints"
        seconds = STEPS * STEP

        class settings:
            @staticmethod
            def model_dump(mode: str) -> dict[str, Any]:
                return {}

        @staticmethod
        def event(kind: str, **facts: Any) -> None:
            with (run / "events.jsonl").open("a") as events:
                events.write(json.dumps({"event": kind, **facts, "cost_usd": 0}) + "\n")

    (run / "weights").mkdir(exist_ok=True)
    (run / "weights/model.bin").write_bytes(b"weights" * 20_000)
    write_manifest(Told, "task", "fake", (Text, Text), metrics={})  # type: ignore[arg-type]
