"""What only RunPod has: pods that stop and are paid for, keys of their own, and GPUs with two names."""

import base64
import io
import json
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.machines import Boot, Machines, Offer
from core.pricing import choose
from core.rentals import Rentals
from tests.rented.clock import VirtualClock
from tests.rented.cloud import KEY
from tests.rented.providers import PROVIDERS, make_machines
from tests.rented.runpod_cloud import RunPodCloud

BOOT = Boot("ml-a-0badcafe", 1.8e9, "ssh-ed25519 AAAA", ("private", "public"), {"node.py": "pass"})


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[RunPodCloud]:
    cloud = RunPodCloud(tmp_path, VirtualClock())
    yield cloud
    cloud.close()
    assert not cloud.failures


@pytest.fixture
def machines(cloud: RunPodCloud) -> Machines:
    return make_machines("runpod", KEY, cloud.url, cloud.clock)


def pick(machines: Machines, gpu: str) -> list[Offer]:
    offers = machines.offers()
    return choose("RunPod", offers, gpu=gpu, max_hourly=None, max_cost=99, spent=0)


@pytest.mark.parametrize(
    ("gpu", "count"),
    [
        ("RTX 4090", 1),
        ("rtx 4090", 1),
        ("NVIDIA GeForce RTX 4090", 1),
        ("2x RTX 4090", 2),
        ("4x NVIDIA GeForce RTX 4090", 4),
    ],
)
def test_a_gpu_is_known_by_both_its_names(machines: Machines, gpu: str, count: int) -> None:
    (offer,) = pick(machines, gpu)
    assert (offer.id, offer.gpus) == ("NVIDIA GeForce RTX 4090", count)
    assert offer.usd_per_hour == pytest.approx(0.44 * count, abs=0.02)


def test_what_the_secure_cloud_does_not_have_is_no_offer(machines: Machines) -> None:
    names = {offer.gpu for offer in machines.offers()}
    assert names == {"RTX 4090", "2x RTX 4090", "4x RTX 4090", "RTX 5090"}


def test_a_pod_gets_no_key_of_the_account(machines: Machines, cloud: RunPodCloud) -> None:
    machines.rent(pick(machines, "RTX 4090")[0], "SECURE", BOOT)
    (body,) = [body for method, _, body in cloud.requests if method == "POST"]
    files = unpacked(body)
    assert KEY not in json.dumps(body) and not any(KEY in content for content in files.values())
    assert {*files} == {"node.py", "host", "host.pub", "boot.sh", "rental.json"}


def test_a_pod_ends_itself_and_no_other(machines: Machines, cloud: RunPodCloud) -> None:
    assert cloud.may("key-of-1", "DELETE", "/v2/pods/1")
    assert not cloud.may("key-of-1", "DELETE", "/v2/pods/2")
    assert not cloud.may("key-of-1", "GET", "/v2/pods")


@pytest.mark.parametrize(("key", "tool_is_asked"), [("key-of-1", False), ("no key", True)])
def test_a_pod_whose_key_is_refused_asks_the_tool_that_images_have(
    cloud: RunPodCloud, tmp_path: Path, key: str, tool_is_asked: bool
) -> None:
    shutil.copy(PROVIDERS / "runpod/terminate.py", tmp_path)
    (tmp_path / "rental.json").write_text(json.dumps({"url": cloud.url}))
    (tmp_path / "runpodctl").write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/asked\n')
    (tmp_path / "runpodctl").chmod(0o700)
    environment = {"PATH": f"{tmp_path}:/bin:/usr/bin", "RUNPOD_POD_ID": "1", "RUNPOD_API_KEY": key}
    script = [sys.executable, str(tmp_path / "terminate.py")]
    subprocess.run(script, env=environment, check=True, timeout=30)
    asked = tmp_path / "asked"
    assert asked.exists() == tool_is_asked
    assert not tool_is_asked or asked.read_text() == "remove pod 1\n"


def test_a_pod_that_has_stopped_is_shown_and_ended(machines: Machines, cloud: RunPodCloud) -> None:
    pod = cloud.add("ml-a-0badcafe", "RTX 4090", 0.45, {"a": ""})
    cloud.stopped.add(pod.id)
    rentals = Rentals(machines, model=Path("a"), clock=cloud.clock)
    assert [rental["state"] for rental in rentals.rentals()] == ["exited"]
    rentals.end(pod.name)
    assert not cloud.live


def test_a_pod_that_has_ended_is_ended_without_complaint(
    machines: Machines, cloud: RunPodCloud
) -> None:
    cloud.add("ml-a-0badcafe", "RTX 4090", 0.45, {"a": ""})
    (machine,) = machines.live()
    machines.end(machine)
    machines.end(machine)


def unpacked(body: Any) -> dict[str, str]:
    packed = io.BytesIO(base64.b64decode(body["env"]["RENTAL"]))
    with tarfile.open(fileobj=packed) as tar:
        found = {name: tar.extractfile(name) for name in tar.getnames()}
        return {name: file.read().decode() for name, file in found.items() if file}
