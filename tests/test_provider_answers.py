"""Whatever a provider's document lets it answer, our client makes machines of it, or one sentence."""

import importlib
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import UserError
from core.machines import Boot, Machine, Machines, Offer
from core.pricing import choose
from tests.rented.clock import VirtualClock
from tests.rented.cloud import KEY, Cloud
from tests.rented.examples import values
from tests.rented.providers import CLOUDS, PROVIDERS, make_machines
from tests.rented.runpod_endpoints import EndpointCloud

pytestmark = pytest.mark.slow

SETTINGS = settings(
    max_examples=200,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[*HealthCheck],
)
BOOT = Boot("ml-a-0badcafe", 1.8e9, "ssh-ed25519 AAAA", ("private", "public"), {"node.py": "pass"})
STEPS = [(provider, step) for provider, cloud in CLOUDS.items() for step in cloud.steps]


@pytest.fixture
def cloud(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Cloud]:
    cloud = CLOUDS[request.param](tmp_path, VirtualClock())
    cloud.clock.listeners.clear()  # nothing runs on the machines
    yield cloud
    cloud.close()


def answers(cloud: Cloud, method: str, path: str) -> st.SearchStrategy[tuple[int, Any]]:
    """Status and body of every answer that the document has for a request."""
    contract = cloud.contract

    def of_status(status: int) -> st.SearchStrategy[tuple[int, Any]]:
        schema = contract.answer_schema(method, path, status)
        body = values(schema, contract.resolve) if schema else st.none()
        return st.tuples(st.just(status), body)

    return st.sampled_from(contract.statuses(method, path)).flatmap(of_status)


ENDPOINT = {  # what is asked of an endpoint -> the request that it takes
    "kind of GPU": ("GET", "/v2/catalog/gpus"),
    "kind of CPU": ("GET", "/v2/catalog/cpus"),
    "made": ("POST", "/v2/serverless"),
    "renewed": ("PATCH", "/v2/serverless/ep1"),
    "found": ("GET", "/v2/serverless"),
    "paid": ("GET", "/v2/serverless/ep1/workers"),
    "ended": ("DELETE", "/v2/serverless/ep1"),
}


@pytest.mark.parametrize("asked", ENDPOINT)
def test_every_answer_about_an_endpoint_is_understood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    cloud = EndpointCloud(tmp_path, VirtualClock())
    method, path = ENDPOINT[asked]
    told: list[tuple[int, Any]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == method and request.url.path == path:
            status, body = told[-1]
        else:
            body = json.loads(request.content) if request.content else None
            normal = cloud.answer(request.method, request.url.raw_path.decode(), body)
            status, body = normal.status, normal.body
        return httpx.Response(status, json=body) if body is not None else httpx.Response(status)

    transport = httpx.MockTransport(answer)
    monkeypatch.setattr(httpx, "Client", partial(httpx.Client, transport=transport))
    machines: Any = make_machines("runpod", KEY, "http://127.0.0.1:9", cloud.clock)
    monkeypatch.syspath_prepend(str(PROVIDERS / "runpod"))
    runpod = importlib.import_module("runpod_endpoints")
    endpoints = runpod.Endpoints(machines.rest, clock=cloud.clock)
    paid = runpod.Paid(machines, model=Path("a"), clock=cloud.clock)

    @settings(SETTINGS, max_examples=50)
    @given(answers(cloud, method, path))
    def check(found: tuple[int, Any]) -> None:
        cloud.contract.check_answer(method, path, *found)
        told.append(found)
        cloud.endpoints.clear()
        try:
            kind = endpoints.kind("RTX 4090" if "GPU" in asked else "", 4)
            put = partial(endpoints.put, "ml-a", "you/a:1", kind, runpod.Limits(1, 5, 300), {})
            assert isinstance(put()["id"], str)
            if asked == "renewed":
                put()
            cloud.workers["ep1"] = ["RUNNING"]
            assert all(rental["usd_per_hour"] >= 0 for rental in paid.rentals())
            if asked == "ended":
                endpoints.end("ml-a")
        except UserError as error:
            assert "\n" not in str(error)

    check()
    cloud.close()


def call(step: str, machines: Machines, offer: Offer) -> None:
    """Ask, and work with what is found as a training does."""
    if step == "offers":
        offers = machines.offers()
        assert all(isinstance(offer, Offer) and offer.usd_per_hour > 0 for offer in offers)
        choose("A", offers, gpu="", max_hourly=None, max_cost=5, spent=0)
    elif step == "live":
        assert all(isinstance(machine, Machine) for machine in machines.live())
    elif step == "end":
        machines.end(Machine("1", "ml-a-0badcafe", "active", 1.0))
    else:
        machines.rent(offer, offer.places[0], BOOT)


@pytest.mark.parametrize(("cloud", "step"), STEPS, indirect=["cloud"])
def test_every_answer_of_the_document_is_understood(
    cloud: Cloud, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    method, ending = cloud.steps[step]
    path = next(p for m, p in cloud.contract.operations if m == method and p.endswith(ending))
    provider = next(name for name, kind in CLOUDS.items() if isinstance(cloud, kind))
    offers = make_machines(provider, KEY, cloud.url, cloud.clock).offers()
    offer = next(offer for offer in offers if offer.gpu == cloud.gpu)
    told: list[tuple[int, Any]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == method and request.url.path.endswith(ending):
            status, body = told[-1]
        else:
            asked = json.loads(request.content) if request.content else None
            normal = cloud.answer(request.method, request.url.raw_path.decode(), asked)
            status, body = normal.status, normal.body
        return httpx.Response(status, json=body) if body is not None else httpx.Response(status)

    transport = httpx.MockTransport(answer)
    monkeypatch.setattr(httpx, "Client", partial(httpx.Client, transport=transport))
    machines = make_machines(provider, KEY, "http://127.0.0.1:9", cloud.clock)

    @SETTINGS
    @given(answers(cloud, method, path))
    def check(found: tuple[int, Any]) -> None:
        cloud.contract.check_answer(method, path, *found)
        told.append(found)
        try:
            call(step, machines, offer)
        except UserError as error:
            assert "\n" not in str(error)

    check()
