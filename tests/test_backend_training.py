"""A generated project as its users meet it: from a file to answers over HTTP: `pytest -m slow`."""

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.backend import Backend

pytestmark = pytest.mark.slow

RECIPE = "trade_classifier"
SAMPLE = Path(__file__).parents[1] / "templates/tasks/text-classification/sample.jsonl"
STATEMENT = "Install electrical wiring and conduit in a building."
BATCH = "statement,id\nWeld steel beams together.,1\nLay bricks in mortar.,2\n"


class Api:
    """A signed-in user."""

    def __init__(self, http: httpx.Client) -> None:
        self.http = http
        person = {"email": "owner@example.com", "password": "correct horse battery staple"}
        token = self("POST", "/auth/v1/signup", json=person)["access_token"]
        http.headers["Authorization"] = f"Bearer {token}"

    def __call__(self, method: str, path: str, **content: Any) -> Any:
        answer = self.http.request(method, path, **content)
        assert answer.is_success, answer.text
        return answer.json()

    def done(self, job: dict[str, Any], seconds: float = 120) -> dict[str, Any]:
        """The job, once it has succeeded."""
        deadline = time.monotonic() + seconds
        while (found := self("GET", f"/ml/jobs/{job['id']}"))["status"] in ("queued", "running"):
            assert time.monotonic() < deadline, found
            time.sleep(0.2)
        assert found["status"] == "succeeded", found["error"]
        return dict(found)

    def kinds(self, job: dict[str, Any]) -> list[str]:
        """Of its events."""
        page = self("GET", f"/ml/jobs/{job['id']}/events", params={"format": "json"})
        return [event["kind"] for event in page["items"]]

    def train(self, data: str) -> dict[str, Any]:
        body = {"kind": "train", "model": "trades", "recipe": RECIPE, "dataset_version_id": data}
        return dict(self("POST", "/ml/jobs", json=body))

    def predict(self) -> dict[str, Any]:
        return dict(self("POST", "/ml/models/trades/predict", json={"input": {"text": STATEMENT}}))


@pytest.fixture(scope="module")
def project(render: Callable[..., Path]) -> Path:
    return render(task="text-classification", algorithm="linear")


@pytest.fixture(scope="module")
def api(project: Path) -> Iterator[Api]:
    with tempfile.TemporaryDirectory(prefix="ml-") as data:
        backend = Backend(project, Path(data), LEASE_SECONDS="3")
        with (
            backend.running(),
            httpx.Client(base_url=backend.url, timeout=30, trust_env=False) as http,
        ):
            yield Api(http)


def test_from_a_file_to_answers_and_back(api: Api) -> None:
    dataset = api("POST", "/ml/datasets", json={"name": "trades"})
    versions = f"/ml/datasets/{dataset['id']}/versions"
    first = api("POST", versions, files={"file": ("trades.jsonl", SAMPLE.read_bytes())})
    _wait_for_recipe(api)
    api.done(api("POST", f"{versions}/1/check", json={"recipe": RECIPE}))
    assert api("GET", f"{versions}/1")["status"] == "valid"

    job = api.train(first["id"])
    while "launched" not in api.kinds(job):
        time.sleep(0.02)
    _kill_training(job)
    assert api.done(job)["result"]["version"] == 1
    kinds = api.kinds(job)
    assert {"lost", "retried", "finished"} <= set(kinds)
    assert kinds[-1] == "succeeded"

    api.done(api("POST", "/ml/models/trades/versions/1/promote"))
    answer = api.predict()
    assert (answer["version"], answer["source"]) == (1, "model")

    correction = {"output": {"label": "Cabinetmaker"}, "note": "For the sake of the test."}
    api("PUT", f"/ml/predictions/{answer['id']}/correction", json=correction)
    second = api("POST", versions, json={"corrections_of": "trades"})
    assert second["row_count"] == first["row_count"] + 1
    assert api.done(api.train(second["id"]))["result"]["version"] == 2
    api.done(api("POST", "/ml/models/trades/versions/2/promote"))
    assert api.predict()["version"] == 2

    batch = api(
        "POST",
        "/ml/models/trades/batch",
        files={"file": ("statements.csv", BATCH)},
        params={"columns": json.dumps({"text": "statement"})},
    )
    assert api.done(batch)["result"] == {"rows": 2, "failed": 0}
    table = api.http.get(f"/ml/jobs/{batch['id']}/result").text.splitlines()
    assert table[0].startswith("statement,id,predicted_label,")
    assert len(table) == 3

    api.done(api("POST", "/ml/models/trades/rollback"))
    assert api.predict()["version"] == 1


def _kill_training(job: dict[str, Any]) -> None:
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if f"ml-{job['id']}" in words and "core.jobs" in words:
            process.kill()
            return
    raise AssertionError("the training was over before it could be killed")


def _wait_for_recipe(api: Api) -> None:
    deadline = time.monotonic() + 60
    while not api("GET", "/ml/recipes")["items"]:
        assert time.monotonic() < deadline, "no worker knows a recipe"
        time.sleep(0.2)
