"""A project for Lambda, with real SSH and real trainings; its API and its machines are on this one."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from core.artifact import changed_files, read_manifest
from tests.destinations.hub import WRITES, FakeHub
from tests.rented.cloud import KEY
from tests.rented.host import LambdaHost, can_host

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]


class Model:
    def __init__(self, folder: Path, host: LambdaHost) -> None:
        self.folder = folder
        self.host = host
        self.environment = {"LAMBDA_API_KEY": KEY, "LAMBDA_API_URL": host.url}

    def begin(self, *command: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, *command],
            cwd=self.folder,
            env=os.environ | self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def __call__(self, *command: str, code: int = 0) -> str:
        process = self.begin(*command)
        out, _ = process.communicate(timeout=200)
        assert process.returncode == code, out
        assert not self.host.failures
        return out

    def json(self, *command: str) -> Any:
        return json.loads(self(*command))


@pytest.fixture
def model(render: Callable[..., Path], tmp_path: Path) -> Iterator[Model]:
    if not can_host():
        pytest.skip("needs root, unshare and sshd: apt-get install openssh-server")
    rendered = render(component="model", task="text-classification", provider="lambda")
    shutil.copytree(rendered, tmp_path / "trade_classifier")
    host = LambdaHost(tmp_path / "machines")
    yield Model(tmp_path / "trade_classifier", host)
    host.close()


def test_a_training_at_lambda_is_watched_fetched_and_given_back(model: Model) -> None:
    model("cloud.py", "launch", "--name", "a", "--", "--samples", "200")
    assert [rental["state"] for rental in model.json("cloud.py", "ps")] in ([], ["active"])
    *events, last = map(json.loads, model("cloud.py", "watch", "a").splitlines())
    assert last["status"]["state"] == "finished", model("cloud.py", "logs", "a")
    kinds = [entry["event"]["event"] for entry in events]
    assert [kinds[0], kinds[1], kinds[-1]] == ["rented", "sent", "returned"]
    assert last["status"]["cost_usd"] > 0
    model("cloud.py", "fetch", "a", "artifact")
    manifest = read_manifest(model.folder / "artifact")
    assert not changed_files(model.folder / "artifact", manifest["files"])
    assert not model.host.live
    assert model.json("cloud.py", "ps") == []
    written = [path for path in model.folder.rglob("*") if path.is_file()]
    assert not [path for path in written if KEY.encode() in path.read_bytes()]


def test_a_rented_machine_pushes_to_the_hub(
    model: Model, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HF_HUB_DISABLE_XET", "1")  # on the machine as well: this Hub knows LFS only
    fake = FakeHub()
    model.environment |= {"HF_ENDPOINT": fake.url, "HF_TOKEN": WRITES}
    said = model("train.py", "--cloud", "--samples", "200", "--push", "hf://ann/trades")
    fake.close()
    (run,) = (model.folder / "runs").iterdir()
    (commit,) = [line.split()[1] for line in said.splitlines() if line.startswith("pushed ")]
    assert commit == f"hf://ann/trades@{fake.repositories['ann/trades'].head}"
    for name in (*read_manifest(run)["files"], "manifest.json"):
        assert fake.files("ann/trades")[name] == (run / name).read_bytes()
    assert fake.repositories["ann/trades"].is_private
    assert not fake.failures
    assert not model.host.live
    events = [json.loads(line) for line in (run / "events.jsonl").read_text().splitlines()]
    assert [event["event"] for event in events[-3:]] == ["finished", "pushed", "returned"]
    written = [path.read_bytes() for path in model.folder.rglob("*") if path.is_file()]
    written += [path.read_bytes() for path in model.host.root.rglob("log.txt")]
    assert WRITES not in said
    assert not any(WRITES.encode() in content for content in written)


def test_a_killed_launcher_finds_its_machine_again(model: Model) -> None:
    process = model.begin("train.py", "--cloud", "--samples", "200")
    while not model.host.processes or not _started(model.host):
        time.sleep(0.1)
        assert process.poll() is None, process.communicate()
    process.kill()
    process.wait()
    assert len(model.host.live) == 1
    assert "is still rented" in model("train.py", "--cloud", "--resume")
    assert len(model.host.machines) == 1
    assert not model.host.live


def test_a_cancelled_training_ends_its_machine(model: Model) -> None:
    process = model.begin("train.py", "--cloud", "--samples", "200")
    while not model.host.processes or not _started(model.host):
        time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=100)
    assert process.returncode == 143, out
    assert not model.host.live


def test_a_server_at_lambda_answers_here_until_it_is_cancelled(model: Model) -> None:
    model("train.py", "--samples", "200")  # here: the artifact is the same
    model("cloud.py", "deploy", "--name", "s", "--", "--cloud", "--max-cost", "2")
    url = model.json("cloud.py", "status", "s")["url"]
    answer = ask(f"{url}/predict", {"text": "Bend the conduit."})
    assert json.loads(answer)["label"]
    (rental,) = model.json("cloud.py", "ps")
    assert rental["state"] == "active"
    assert model.json("cloud.py", "cancel", "s")["state"] == "stopped"
    assert not model.host.live
    assert not os.listdir(model.folder / "rented")


def ask(url: str, body: object) -> bytes:
    """The answer of a server that is rented and installed meanwhile."""
    request = Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    for _ in range(600):
        try:
            answer: bytes = build_opener(ProxyHandler({})).open(request, timeout=10).read()
            return answer
        except (OSError, HTTPException):
            time.sleep(0.5)
    raise AssertionError(f"{url} does not answer")


def _started(host: LambdaHost) -> bool:
    return any((host.root / number / "started").exists() for number in host.processes)
