"""Serverless endpoints of RunPod: made, renewed, shown while they cost money, and ended."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from core.errors import ProviderError, UserError
from tests.rented.clock import VirtualClock
from tests.rented.cloud import KEY, Answer
from tests.rented.providers import PROVIDERS, make_machines
from tests.rented.runpod_endpoints import EndpointCloud

MODEL = Path("trade_classifier")
NAME = "ml-trade-classifier"


@pytest.fixture(scope="module")
def runpod() -> Iterator[ModuleType]:
    """The module as a project has it."""
    sys.path.insert(0, str(PROVIDERS / "runpod"))
    yield importlib.import_module("runpod_endpoints")
    sys.path.pop(0)


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[EndpointCloud]:
    cloud = EndpointCloud(tmp_path, VirtualClock())
    yield cloud
    cloud.close()
    assert not cloud.failures


@pytest.fixture
def endpoints(runpod: ModuleType, cloud: EndpointCloud) -> Any:
    machines: Any = make_machines("runpod", KEY, cloud.url, cloud.clock)
    return runpod.Endpoints(machines.rest, clock=cloud.clock)


@pytest.fixture
def paid(runpod: ModuleType, cloud: EndpointCloud) -> Any:
    machines = make_machines("runpod", KEY, cloud.url, cloud.clock)
    return runpod.Paid(machines, model=MODEL, clock=cloud.clock)


def put(runpod: ModuleType, endpoints: Any, image: str = "you/a:1", gpu: str = "") -> Any:
    limits = runpod.Limits(workers=2, idle=5, timeout=300)
    return endpoints.put(NAME, image, endpoints.kind(gpu, 4), limits, {})


@pytest.mark.parametrize(
    ("gpu", "runs_on"),
    [
        ("", {"cpu": [{"id": "cpu5c", "vcpuCount": 4}]}),
        ("rtx 4090", {"gpu": {"pools": ["ADA_24"], "excludedTypes": [], "count": 1}}),
        ("NVIDIA GeForce RTX 5090", {"gpu": {"pools": ["ADA_32_PRO"], "excludedTypes": []}}),
    ],
)
def test_an_endpoint_has_no_worker_until_one_is_needed(
    runpod: ModuleType, endpoints: Any, cloud: EndpointCloud, gpu: str, runs_on: dict[str, Any]
) -> None:
    put(runpod, endpoints, gpu=gpu)
    (body,) = [body for method, _, body in cloud.requests if method == "POST"]
    assert body["workers"] == {"min": 0, "max": 2, "idleTimeout": 5}
    assert (body["type"], body["timeout"]) == ("QUEUE", 300_000)
    ((kind, wanted),) = runs_on.items()
    got = body[kind]
    assert got == wanted if kind == "cpu" else got.items() >= wanted.items()


def test_it_is_renewed_in_its_place(
    runpod: ModuleType, endpoints: Any, cloud: EndpointCloud
) -> None:
    first, second = (put(runpod, endpoints, image) for image in ("you/a:1", "you/a:2"))
    assert first["id"] == second["id"] and second["image"] == "you/a:2"
    assert len(cloud.endpoints) == 1


def test_an_answer_that_breaks_off_makes_no_second_one(
    runpod: ModuleType, endpoints: Any, cloud: EndpointCloud
) -> None:
    cloud.fail_path("POST", "/v2/serverless", Answer(201, breaks=True, acts=True))
    put(runpod, endpoints)
    assert len(cloud.endpoints) == 1
    cloud.endpoints.clear()
    cloud.fail_path("POST", "/v2/serverless", Answer(201, breaks=True))
    with pytest.raises(ProviderError, match="does not list it: try again"):
        put(runpod, endpoints)


@pytest.mark.parametrize(
    ("gpu", "vcpus", "said"),
    [
        ("RTX 409", 4, "--gpu RTX 409: RunPod's endpoints have RTX 4090, RTX 5090."),
        ("", 3, "--vcpus 3: RunPod has powers of two from 2 to 32."),
        ("", 64, "--vcpus 64: RunPod has powers of two from 2 to 32."),
    ],
)
def test_what_there_is_not_is_said_with_what_there_is(
    endpoints: Any, gpu: str, vcpus: int, said: str
) -> None:
    with pytest.raises(UserError) as refusal:
        endpoints.kind(gpu, vcpus)
    assert str(refusal.value) == said


def test_it_is_shown_while_a_worker_is_paid_for_and_ended_with_it(
    runpod: ModuleType, endpoints: Any, cloud: EndpointCloud, paid: Any
) -> None:
    put(runpod, endpoints, gpu="RTX 4090")
    assert paid.rentals() == []
    cloud.workers["ep1"] = ["RUNNING", "IDLE", "THROTTLED"]
    pod = cloud.add(f"{NAME}-0badcafe", "RTX 4090", 0.45, {"a": ""})
    shown = {rental["name"]: rental for rental in paid.rentals()}
    assert {*shown} == {NAME, pod.name}
    assert shown[NAME]["state"] == "2 of 2 workers"
    assert shown[NAME]["usd_per_hour"] == pytest.approx(2.2)
    for name in shown:
        paid.end(name)
    assert not cloud.endpoints and not cloud.live


def test_what_is_ended_twice_is_no_error(
    runpod: ModuleType, endpoints: Any, cloud: EndpointCloud
) -> None:
    put(runpod, endpoints)
    cloud.fail_path("DELETE", "/v2/serverless/ep1", Answer(500), Answer(404, raw=b"{}"))
    assert endpoints.end(NAME)
    assert not endpoints.end(NAME)
