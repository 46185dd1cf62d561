"""A project for RunPod, with real SSH, real guards and a real training; its API and its pods are on this machine."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core import node
from core.artifact import changed_files, read_manifest
from core.machines import Boot
from core.shell import create_keys
from tests.rented.cloud import KEY
from tests.rented.host import RunPodHost, can_host
from tests.rented.providers import make_machines
from tests.test_lambda import ask

pytestmark = pytest.mark.slow


@pytest.fixture
def host(tmp_path: Path) -> Iterator[RunPodHost]:
    if not can_host():
        pytest.skip("needs root, unshare and sshd: apt-get install openssh-server")
    host = RunPodHost(tmp_path / "machines")
    yield host
    host.close()
    assert not host.failures


def test_a_training_comes_home_and_its_pod_is_given_back(
    host: RunPodHost, render: Callable[..., Path], tmp_path: Path
) -> None:
    model = tmp_path / "trade_classifier"
    shutil.copytree(render(component="model", task="text-classification", provider="runpod"), model)
    done = subprocess.run(
        [sys.executable, "train.py", "--cloud", "--samples", "200"],
        cwd=model,
        env=os.environ | {"RUNPOD_API_KEY": KEY, "RUNPOD_API_URL": host.url},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (manifest,) = model.glob("runs/*/manifest.json")
    assert not changed_files(manifest.parent, read_manifest(manifest.parent)["files"])
    assert len(host.machines) == 1 and not host.live


def test_a_server_in_a_pod_answers_here_and_ends_with_it(
    host: RunPodHost, render: Callable[..., Path], tmp_path: Path
) -> None:
    model = tmp_path / "trade_classifier"
    shutil.copytree(render(component="model", task="text-classification", provider="runpod"), model)
    environment = os.environ | {"RUNPOD_API_KEY": KEY, "RUNPOD_API_URL": host.url}
    subprocess.run([sys.executable, "train.py", "--samples", "200"], cwd=model, check=True)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "serve.py", "--cloud", "--max-cost", "2", "--port", str(port)]
    process = subprocess.Popen(command, cwd=model, env=environment)
    try:
        answer = ask(f"http://127.0.0.1:{port}/predict", {"text": "Bend the conduit."})
        assert json.loads(answer)["label"]
        assert len(host.live) == 1
    finally:
        process.terminate()
        process.wait(60)
    assert not host.live


def test_a_pod_ends_itself_at_its_deadline(host: RunPodHost, tmp_path: Path) -> None:
    machines = make_machines("runpod", KEY, host.url, time)
    create_keys(tmp_path)
    private, public = ((tmp_path / name).read_text() for name in ("host", "host.pub"))
    scripts = {"node.py": Path(node.__file__), "terminate.py": machines.terminate}
    files = {name: path.read_text() for name, path in scripts.items()}
    boot = Boot("ml-a-0badcafe", time.time() + 2, "ssh-ed25519 AAAA", (private, public), files)
    machines.rent(machines.offers()[0], "SECURE", boot)
    assert len(host.live) == 1
    until = time.monotonic() + 3 * node.ROUND
    while host.live:
        assert time.monotonic() < until
        time.sleep(0.2)
    assert host.requests[-1][:2] == ("DELETE", f"/v2/pods/{next(iter(host.machines))}")
