"""A model's folder whose commands reach a Modal on this machine, and nothing else."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.fake_modal.containers import Container
from tests.fake_modal.server import FakeModal

MODAL = ("-m", "modal")
HASTE = {  # seconds and minutes that a test does not have
    "modal_worker.py": {
        "COMMIT = 10": "COMMIT = 0.2",
        "RESERVE = 2 * MINUTES": "RESERVE = 3.0",
        "GRACE = 25": "GRACE = 1.0",
    },
    "modal_call.py": {"POLL = 2.0": "POLL = 0.2", "CHECKPOINTS = 60": "CHECKPOINTS = 0.5"},
    "core/pricing.py": {"LEAST = 30": "LEAST = 0.01"},
}
TASK = '''
"""Stands in for a task: steps of which each leaves a checkpoint."""
import json, os, sys, time
from pathlib import Path
from pydantic import BaseModel
from core import processes
from core.artifact import write_manifest
from core.command import Task
from core.errors import DataError, DataProblem
from core.settings import RunSettings

class Config(RunSettings):
    data: str = "data/steps.txt"
    steps: int = 5
    seconds: float = 0.1
    deaf: bool = False

class Text(BaseModel):
    text: str

def load(config, findings):
    if not Path(config.data).is_file():
        raise DataError(DataProblem(config.data, "no such file."))

def train(config, run):
    load(config, None)
    run.start("0", in_parallel=True)
    print("token", "HF_TOKEN" in os.environ)
    state = run.checkpoints / "step.json"
    first = json.loads(state.read_text()) if state.exists() else 0
    processes.join()
    for step in range(first, config.steps):
        run.event("step", step=step)
        time.sleep(config.seconds)
        state.with_suffix(".part").write_text(json.dumps(step + 1))
        state.with_suffix(".part").replace(state)
        run.event("checkpoint", step=step)
        if not config.deaf:
            run.stop_if_asked()
    (run.folder / "model.bin").write_bytes(b"weights" * 2000)
    write_manifest(run, "steps", "steps", (Text, Text), metrics={})
    return run.folder

TASK = Task("steps", "Steps", "steps", ["text"], "accuracy", Config, Text, Text, load, train)
'''


class Project:
    def __init__(self, folder: Path, fake: FakeModal, **environment: str) -> None:
        self.folder = folder
        self.fake = fake
        self.environment = environment

    @classmethod
    def of_steps(cls, rendered: Path, folder: Path, fake: FakeModal) -> "Project":
        """A model that trains without learning, for tests of what may happen to a training."""
        shutil.copytree(rendered, folder)
        (folder / "task.py").write_text(TASK)
        (folder / "data" / "steps.txt").touch()
        project = cls(folder, fake)
        project.hasten()
        return project

    def hasten(self) -> None:
        """Look and commit more often than would do a volume good."""
        for file, changes in HASTE.items():
            text = (self.folder / file).read_text("utf-8")
            for before, after in changes.items():
                assert before in text
                text = text.replace(before, after)
            (self.folder / file).write_text(text, "utf-8")

    @property
    def log(self) -> Path:
        return self.folder.with_name(f"{self.folder.name}.log")

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """A command of Python, which prints to the log."""
        with self.log.open("wb") as log:
            return subprocess.Popen(
                [sys.executable, *words],
                cwd=self.folder,
                env=self.fake.environment(PYTHONUNBUFFERED="1", **self.environment),
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def __call__(self, *words: str, code: int = 0) -> str:
        return self.end(self.start(*words), code)

    def end(self, process: subprocess.Popen[bytes], code: int = 0) -> str:
        """What it printed, once it has ended."""
        try:
            process.wait(90)
        finally:
            process.kill()
        said = self.log.read_text("utf-8")
        assert process.returncode == code, said
        assert "Traceback" not in said
        return said

    @property
    def run(self) -> Path:
        (run,) = (self.folder / "runs").iterdir()
        return run

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.run / "events.jsonl").open()]

    def steps(self) -> list[int]:
        """The steps that were done, in this order, those done again included."""
        return [event["step"] for event in self.events if event["event"] == "step"]

    @property
    def store(self) -> Path:
        """The model's volume."""
        (path,) = (self.fake.volumes.named(name) for name in self.fake.volumes.names())
        return path

    @contextmanager
    def started(self, *words: str) -> Iterator[subprocess.Popen[bytes]]:
        process = self.start(*words)
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    @contextmanager
    def training(self, *options: str) -> Iterator[subprocess.Popen[bytes]]:
        """While it is in the midst of it, with a checkpoint that is safe in the volume."""
        with self.started("train.py", "--cloud", *options) as process:
            self.fake.wait_until(lambda: self.is_safe() or process.poll() is not None)
            assert process.poll() is None, self.log.read_text("utf-8")
            yield process

    def is_safe(self) -> bool:
        """Whether the volume has a checkpoint of its own making, behind the first step."""
        found = self.fake.folder.glob("volumes/*/runs/*/*/events.jsonl")
        return any(path.read_text().count('"checkpoint"') > 1 for path in found)

    def container(self) -> Container:
        """The one that runs."""
        (container,) = (each for each in self.fake.containers if each.is_live)
        return container


def kill(process: subprocess.Popen[bytes]) -> None:
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
