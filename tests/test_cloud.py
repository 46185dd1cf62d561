"""Jobs in the background of this machine, through the commands that a user types: `pytest -m slow`."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow


class Cloud:
    def __init__(self, folder: Path, jobs: Path) -> None:
        self.folder = folder
        self.jobs = jobs  # cloud.py keeps them in the current folder
        (jobs / "train.py").symlink_to(folder / "train.py")
        (jobs / "serve.py").symlink_to(folder / "serve.py")
        (jobs / "data").symlink_to(folder / "data")

    def __call__(self, *arguments: str, code: int = 0) -> str:
        path = os.pathsep.join([str(self.folder.parent), str(self.folder)])
        done = subprocess.run(
            [sys.executable, str(self.folder / "cloud.py"), *arguments],
            cwd=self.jobs,
            env=os.environ | {"PYTHONPATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stderr
        return (done.stdout + done.stderr).strip()

    def status(self, job: str) -> dict[str, Any]:
        facts: dict[str, Any] = json.loads(self("status", job))
        return facts

    def wait(self, job: str) -> str:
        while (facts := self.status(job))["state"] == "running":
            time.sleep(0.2)
        state: str = facts["state"]
        return state


@pytest.fixture
def cloud(render: Callable[..., Path], tmp_path: Path) -> Cloud:
    project = render(task="text-classification", algorithm="linear")
    return Cloud(project / "ml" / "trade_classifier", tmp_path)


def test_launched_training_finishes_and_keeps_its_log(cloud: Cloud) -> None:
    job = cloud("launch", "--", "--debug")
    assert cloud.wait(job) == "finished"
    assert "report.html" in cloud("logs", job)


def test_failed_training_says_so(cloud: Cloud) -> None:
    job = cloud("launch", "--", "--data", "nowhere.csv")
    assert cloud.wait(job) == "failed"
    assert cloud.status(job)["exit_code"] == 3


def test_cancelled_server_ends(cloud: Cloud) -> None:
    cloud.wait(cloud("launch", "--", "--debug"))
    job = cloud("deploy", "--", "--port", "0")
    assert cloud.status(job)["state"] == "running"
    cloud("cancel", job)
    assert cloud.status(job)["state"] in ("finished", "stopped")


def test_reap_ends_whatever_runs(cloud: Cloud) -> None:
    cloud.wait(cloud("launch", "--", "--debug"))
    job = cloud("deploy", "--", "--port", "0")
    assert json.loads(cloud("reap")) == [job]
    assert cloud("reap") == ""


def test_unknown_job_lists_those_that_are(cloud: Cloud) -> None:
    assert "there are: none" in cloud("status", "x", code=2)
