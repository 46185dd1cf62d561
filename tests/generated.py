"""A generated model, run as its user runs it: its own folder, its own environment, its own commands."""

import importlib
import importlib.metadata
import json
import os
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from packaging.requirements import Requirement

from ml_training.catalog import read_catalog

PAIRS = [(algorithm["task"], algorithm["name"]) for algorithm in read_catalog().algorithms]


class Model:
    """The model's folder of a generated project, and a fresh folder for its runs."""

    def __init__(
        self,
        folder: Path,
        runs: Path,
        python: str = sys.executable,
        modules: Path | None = None,  # with core in it
    ) -> None:
        self.folder = folder
        self.runs = runs
        self.python = python
        self.modules = modules or folder.parent

    def start(
        self, *options: str, script: str = "train.py", launcher: Sequence[str] = ()
    ) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [self.python, *launcher, script, *options],
            cwd=self.folder,
            env=os.environ | {"PYTHONPATH": str(self.modules), "HF_HUB_OFFLINE": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def start_training(self, *options: str, launcher: Sequence[str] = ()) -> subprocess.Popen[str]:
        return self.start("--output", str(self.runs), *options, launcher=launcher)

    def train(self, *options: str, code: int = 0) -> str:
        process = self.start_training(*options)
        output, _ = process.communicate(timeout=300)
        assert process.returncode == code, output
        assert "Traceback" not in output
        return output

    @property
    def run(self) -> Path:
        (folder,) = [path for path in self.runs.iterdir() if path.name != ".cache"]
        return folder

    @property
    def manifest(self) -> dict[str, Any]:
        manifest: dict[str, Any] = json.loads((self.run / "manifest.json").read_text("utf-8"))
        return manifest

    def events(self, kind: str) -> list[dict[str, Any]]:
        found = [
            json.loads(line) for path in self.runs.glob("*/events.jsonl") for line in path.open()
        ]
        return [event for event in found if event["event"] == kind]

    def wait_for_step(
        self, process: subprocess.Popen[str], step: int, earlier: Sequence[object] = ()
    ) -> None:
        """By the process itself, not by the one before it, whose steps were `earlier`."""
        while not any(event["step"] >= step for event in self.events("step")[len(earlier) :]):
            assert process.poll() is None, process.communicate()[0]
            time.sleep(0.02)

    def wait_for_checkpoint(self, process: subprocess.Popen[str]) -> None:
        while not self.events("checkpoint"):
            assert process.poll() is None, process.communicate()[0]
            time.sleep(0.02)

    @contextmanager
    def served(self) -> Iterator[str]:
        """Its address, once it is ready; then it is asked to end, and does."""
        with socket.create_server(("127.0.0.1", 0)) as probe:
            address = f"http://127.0.0.1:{probe.getsockname()[1]}"
        port = address.rpartition(":")[2]
        process = self.start("--artifact", str(self.run), "--port", port, script="serve.py")
        try:
            while not is_ready(address):
                assert process.poll() is None, process.communicate()[0]
                time.sleep(0.05)
            yield address
            process.terminate()
            assert process.wait(20) == 0, process.communicate()[0]
        finally:
            process.kill()
            process.communicate()


def post(url: str, content: object) -> Any:
    request = urllib.request.Request(url, json.dumps(content).encode())
    with urllib.request.urlopen(request, timeout=60) as response:
        return json.load(response)


def get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=10) as response:
        return json.load(response)


def known(task: str) -> ModuleType:
    """What the tests have to know about a task: tests/tasks/<task>.py."""
    return importlib.import_module(f"tests.tasks.{task.replace('-', '_')}")


def answers(algorithm: dict[str, Any], folder: Path) -> dict[str, str]:
    """To generate a model of this algorithm, with a tiny base model in `folder` if it has one."""
    given = {"task": algorithm["task"], "algorithm": algorithm["name"]}
    if "base_model" in algorithm:
        base = known(algorithm["task"]).save_base_model(folder / "tiny", algorithm["name"])
        given["base_model"] = str(base)
    return given


def install(requirements: Path, folder: Path) -> str:
    """A new environment in which only what a lock file names can be imported; its Python.

    What is installed beside these tests is linked there: a file that names too little fails.
    """
    command = [sys.executable, "-m", "venv", "--without-pip", str(folder)]
    subprocess.run(command, check=True)
    (site,) = folder.glob("lib/python*/site-packages")
    installed = Path(sysconfig.get_path("purelib"))
    for line in requirements.read_text("utf-8").splitlines():
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate():
            for name in _top_level(requirement.name):
                if not (site / name).exists():
                    (site / name).symlink_to(installed / name)
    return str(folder / "bin" / "python")


def _top_level(distribution: str) -> set[str]:
    files = importlib.metadata.files(distribution) or []
    return {file.parts[0] for file in files} - {"..", "__pycache__"}


def is_ready(address: str) -> bool:
    try:
        return bool(get(f"{address}/readyz")["status"] == "ready")
    except OSError:
        return False
