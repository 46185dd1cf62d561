"""Generated models that push what they trained, as their users start them: `pytest -m slow`."""

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.artifact import read_manifest
from tests.destinations import hub, supabase
from tests.destinations.hub import FakeHub
from tests.destinations.server import FakeServer
from tests.destinations.supabase import FakeSupabase
from tests.generated import install
from tests.test_destinations import make_artifact

pytestmark = pytest.mark.slow

ADDRESSES = {"hub": "hf://ann/trades", "supabase": "supabase://models/trades"}
REFUSED = {"hub": ("POST", "/commit/main"), "supabase": ("PATCH", "/upload/resumable/")}
UPLOADS = {"hub": ("PUT", "^/lfs/"), "supabase": ("PATCH", "/upload/resumable/")}


class Model:
    def __init__(self, folder: Path, python: str, fake: FakeServer) -> None:
        self.folder = folder
        self.fake = fake
        self._python = python
        self._environment = os.environ | {
            "HF_ENDPOINT": fake.url,
            "HF_TOKEN": hub.WRITES,
            "HF_HUB_DISABLE_XET": "1",  # the Hub here knows LFS only
            "SUPABASE_URL": fake.url,
            "SUPABASE_SECRET_KEY": supabase.KEY,
        }

    def start(self, *words: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [self._python, *words],
            cwd=self.folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def __call__(self, *words: str, code: int = 0) -> str:
        process = self.start(*words)
        out, _ = process.communicate(timeout=200)
        assert process.returncode == code, out
        assert "Traceback" not in out
        assert not self.fake.failures
        assert hub.WRITES not in out
        assert supabase.KEY not in out
        return out


@pytest.fixture(params=ADDRESSES)
def place(request: pytest.FixtureRequest) -> str:
    place: str = request.param
    return place


@pytest.fixture
def fake(place: str) -> Iterator[FakeServer]:
    fake = FakeHub() if place == "hub" else FakeSupabase()
    yield fake
    fake.close()


@pytest.fixture
def folder(render: Callable[..., Path], tmp_path: Path) -> Path:
    rendered = render(component="model", task="text-classification", algorithm="linear")
    return Path(shutil.copytree(rendered, tmp_path / "trade_classifier"))


def test_what_was_trained_and_pushed_is_pulled_byte_for_byte(
    folder: Path, fake: FakeServer, place: str, tmp_path: Path
) -> None:
    needed = [(folder / f"requirements{name}.txt").read_text() for name in ("", "-push")]
    (tmp_path / "both.txt").write_text("".join(needed))
    model = Model(folder, install(tmp_path / "both.txt", tmp_path / "venv"), fake)
    said = model("train.py", "--samples", "200", "--push", ADDRESSES[place])
    (pushed,) = [line.split()[1] for line in said.splitlines() if line.startswith("pushed ")]
    (run,) = (folder / "runs").glob("2*")
    model("cloud.py", "pull", pushed, "back")
    for name in (*read_manifest(run)["files"], "manifest.json"):
        assert (folder / "back" / name).read_bytes() == (run / name).read_bytes()
    again = model("cloud.py", "push", str(run))
    assert pushed in again
    written = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    for key in (hub.WRITES, supabase.KEY):
        assert not any(key.encode() in content for content in written)


def test_a_job_that_could_not_push_has_finished_and_says_so(
    folder: Path, fake: FakeServer, place: str
) -> None:
    model = Model(folder, sys.executable, fake)
    fake.fail(*REFUSED[place], status=403, times=999)
    launch = ("cloud.py", "launch", "--name", "a", "--", "--samples", "200")
    model(*launch, "--push", ADDRESSES[place])
    model("cloud.py", "watch", "a")
    status = json.loads(model("cloud.py", "status", "a"))
    assert (status["state"], status["exit_code"]) == ("finished", 8)
    assert "is complete, but was not pushed: " in status["reason"]
    model(*launch, "--push", ADDRESSES[place])  # it is not trained again
    assert json.loads(model("cloud.py", "status", "a")) == status
    model("cloud.py", "fetch", "a", "artifact")
    fake.faults.clear()
    model("cloud.py", "push", "artifact")


def test_without_the_clients_a_sentence_says_how_to_get_them(
    folder: Path, fake: FakeServer, place: str, tmp_path: Path
) -> None:
    model = Model(folder, install(folder / "requirements.txt", tmp_path / "venv"), fake)
    said = model("train.py", "--push", ADDRESSES[place], code=2)
    assert said.count("\n") == 1
    assert "python -m pip install -r requirements-push.txt" in said
    assert not (folder / "runs").exists()


def test_a_push_that_is_killed_goes_on(folder: Path, fake: FakeServer, place: str) -> None:
    """In the midst of the weights, which are three chunks of Supabase's and many parts."""
    weights = random.Random(0).randbytes(16 << 20)
    artifact = make_artifact(folder / "runs" / "run-1", weights, push=ADDRESSES[place])
    model = Model(folder, sys.executable, fake)
    process: subprocess.Popen[str] | None = None

    def kill() -> None:
        assert process is not None
        process.kill()

    method, path = UPLOADS[place]
    fake.during(method, path, kill, skip=3)  # for Supabase, two of them are small files
    process = model.start("cloud.py", "push", str(artifact))
    process.communicate(timeout=100)
    assert process.returncode == -9
    there = fake.received(method, path)
    assert there < len(weights)
    model("cloud.py", "push", str(artifact))
    sent = fake.received(method, path)
    # The Hub's parts are of use only once all of them are there; Supabase keeps each chunk.
    assert sent <= len(weights) * 1.01 + (there if place == "hub" else 0)
    model("cloud.py", "pull", _address(artifact), "back")
    assert (folder / "back" / "weights" / "model.bin").read_bytes() == weights


def _address(artifact: Path) -> str:
    events: list[dict[str, Any]] = [
        json.loads(line) for line in (artifact / "events.jsonl").read_text().splitlines()
    ]
    address: str = events[-1]["address"]
    return address
