"""`sky.yaml` as SkyPilot reads it, and each of its lines on two nodes, which are folders: `pytest -m slow`."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from uv import find_uv_bin

from tests.generated import Model, install
from tests.tiny import save_tiny_encoder

pytestmark = pytest.mark.slow

READ = Path(__file__).with_name("skypilot_task.py")
FULL = {"task": "text-classification", "algorithm": "full"}
OPTIONS = "--epochs 3 --samples 150 --checkpoint-minutes 0.005"
Read = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def read(render: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Read:
    """Asks a SkyPilot of its own, in the version that the file names, what it makes of the file."""
    home = tmp_path_factory.mktemp("skypilot")
    text = (render(component="model", **FULL) / "sky.yaml").read_text("utf-8")
    (version,) = re.findall(r"skypilot\[\w+\]==([\d.]+)", text)
    uv, python = find_uv_bin(), str(home / "venv/bin/python")
    subprocess.run(
        [uv, "venv", "--quiet", "--python", sys.executable, "venv"], cwd=home, check=True
    )
    command = [uv, "pip", "install", "--quiet", "--python", python, f"skypilot=={version}"]
    subprocess.run(command, check=True)

    def read(file: Path, *environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [python, READ, file.name, *environment],
            cwd=file.parent,
            env={
                "HOME": str(home),
                "PATH": os.environ["PATH"],
                "SKYPILOT_DISABLE_USAGE_COLLECTION": "1",
            },
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return read


def understood(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    task: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return task


@pytest.mark.parametrize("component", ["project", "model"])
def test_skypilot_takes_it(render: Callable[..., Path], read: Read, component: str) -> None:
    folder = render(component=component, **FULL)
    (file,) = folder.glob("**/sky.yaml")
    task = understood(read(file, "BUCKET=runs-of-mine"))
    assert task["nodes"] == 2
    assert task["is_given_back"]
    assert set(task["gpus"]) <= set(task["known_gpus"])
    assert task["buckets"] == {"~/runs": "runs-of-mine"}
    assert (Path(task["workdir"]) / "train.py").is_file()
    assert (Path(task["files"]["~/ml/core"]) / "run.py").is_file()


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("num_nodes", "nodes", "'nodes'"),
        ("idle_minutes", "idle", "autostop"),
        ("MOUNT_CACHED", "MOUNTED", "mode"),
        ("transfers", "transfer", "'transfer'"),
        ("../core", "../cores", "does not exist"),
    ],
)
def test_skypilot_refuses_what_it_does_not_know(
    render: Callable[..., Path], read: Read, tmp_path: Path, before: str, after: str, words: str
) -> None:
    project = shutil.copytree(render(component="project", **FULL), tmp_path / "project")
    (file,) = project.glob("**/sky.yaml")
    file.write_text(file.read_text("utf-8").replace(before, after), "utf-8")
    done = read(file, "BUCKET=runs-of-mine")
    assert done.returncode == 1
    assert words in done.stderr


def test_a_bucket_has_to_be_named(render: Callable[..., Path], read: Read) -> None:
    done = read(render(component="model", **FULL) / "sky.yaml")
    assert done.returncode == 1
    assert "'BUCKET' is None" in done.stderr


class Node:
    """A home folder with what SkyPilot puts there: the code, and the bucket as a folder."""

    def __init__(self, home: Path, task: dict[str, Any], bucket: Path) -> None:
        self.home = home
        self.task = task
        shutil.copytree(task["workdir"], home / "sky_workdir")
        for path, source in task["files"].items():
            shutil.copytree(source, home / path.removeprefix("~/"))
        for path in task["buckets"]:
            (home / path.removeprefix("~/")).symlink_to(bucket)
        (home / ".local/bin").mkdir(parents=True)
        (home / ".local/bin/uv").symlink_to(find_uv_bin())

    def install(self) -> None:
        """What `requirements.txt` names, of what is installed here; then uv has nothing to fetch."""
        install(self.home / "sky_workdir/requirements.txt", self.home / "venv")
        for path in self.home.glob("venv/lib/python*/site-packages/*.dist-info"):
            origin = path.resolve()
            path.unlink()
            shutil.copytree(origin, path)  # uv passes over links
        process = self.start("setup", UV_OFFLINE="1")
        said, _ = process.communicate(timeout=60)
        assert process.returncode == 0, said

    def start(self, part: str, **environment: str) -> subprocess.Popen[str]:
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        return subprocess.Popen(
            ["bash", "-c", self.task[part]],
            env={"HOME": str(self.home), "PATH": path, "HF_HUB_OFFLINE": "1", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


class Cluster:
    """Two new machines."""

    def __init__(self, folder: Path, task: dict[str, Any], bucket: Path) -> None:
        self.names = task["names"]
        self.nodes = [Node(folder / f"node-{rank}", task, bucket) for rank in range(2)]
        for node in self.nodes:
            node.install()

    def start(self) -> list[subprocess.Popen[str]]:
        return [self.start_node(rank) for rank in range(2)]

    def start_node(self, rank: int) -> subprocess.Popen[str]:
        facts = {"nodes": "2", "rank": str(rank), "gpus": "1", "task": "managed-1"}
        facts["ips"] = "127.0.0.1\n127.0.0.1"
        told = {self.names[name]: value for name, value in facts.items()}
        return self.nodes[rank].start("run", **told)


def kill(process: subprocess.Popen[str]) -> None:
    """And all that came of it, as when a machine is taken away."""
    for child in psutil.Process(process.pid).children(recursive=True):
        child.kill()
    process.kill()
    process.communicate(timeout=60)


def test_every_line_runs_on_two_nodes_and_again_after_a_preemption(
    render: Callable[..., Path], read: Read, tmp_path: Path
) -> None:
    base = save_tiny_encoder(tmp_path / "tiny")
    (file,) = render(component="project", **FULL, base_model=str(base)).glob("**/sky.yaml")
    task = understood(read(file, "BUCKET=runs-of-mine", f"OPTIONS={OPTIONS}"))
    bucket = tmp_path / "bucket"
    bucket.mkdir()
    model = Model(file.parent, bucket / "first")

    processes = Cluster(tmp_path / "taken-away", task, bucket).start()
    model.wait_for_checkpoint(processes[0])
    for process in processes:
        kill(process)

    cluster = Cluster(tmp_path / "new", task, bucket)
    processes = cluster.start()
    said = [process.communicate(timeout=240)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], said
    assert [event["processes"] for event in model.events("resumed")] == [2]
    assert len(model.events("finished")) == len(list(bucket.glob("first/*/manifest.json"))) == 1
    assert "artifact" in said[0]
    assert "artifact" not in said[1]

    (began,) = bucket.glob("first/.began-*")
    began.write_text("0")
    process = cluster.start_node(0)
    said_late, _ = process.communicate(timeout=60)
    assert process.returncode == 4
    assert said_late == "MAX_MINUTES=240 are over.\n"
