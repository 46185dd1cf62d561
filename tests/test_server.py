"""The HTTP interface, with a model that is a few lines long."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import BaseModel, Field

from core.app import create_app
from core.options import ServerSettings

ROOT = Path(__file__).parents[1]
CORE = ROOT / "templates" / "project" / "ml"


class Question(BaseModel):
    text: str = Field(min_length=1)


class Reply(BaseModel):
    label: str


class Model:
    token_budget = 512
    gate = threading.Event()

    def prepare(self, item: Question) -> str:
        if item.text == "unreadable":
            raise ValueError("the text can't be read")
        return item.text

    def size(self, prepared: str) -> int:
        return len(prepared)

    def infer(self, batch: list[str]) -> list[Reply]:
        if "slow" in batch:
            self.gate.wait(5)
        if "broken" in batch:
            raise ArithmeticError("broken")
        return [Reply(label=text.upper()) for text in batch]


MANIFEST: dict[str, Any] = {
    "task": "shouting",
    "algorithm": "upper",
    "version": "abc",
    "labels": ["A"],
    "input": Question.model_json_schema(),
    "output": Reply.model_json_schema(),
}


def client_of(load: Any = Model, **options: Any) -> TestClient:
    settings = ServerSettings(**options)
    app = create_app(load, Question, Reply, MANIFEST, settings)
    return TestClient(app, raise_server_exceptions=False)


def wait_until_ready(client: TestClient) -> None:
    deadline = time.monotonic() + 5
    while client.get("/readyz").status_code != 200 and time.monotonic() < deadline:
        time.sleep(0.01)


@pytest.fixture
def client() -> Iterator[TestClient]:
    with client_of(max_body=1000, queue=4, workers=1) as running:
        wait_until_ready(running)
        yield running


def test_one_in_one_out(client: TestClient) -> None:
    answer = client.post("/predict", json={"text": "weld"})
    assert answer.json() == {"label": "WELD", "version": "abc"}
    assert answer.headers["Model-Version"] == "abc"


def test_many_in_many_out(client: TestClient) -> None:
    answer = client.post("/predict", json=[{"text": "a"}, {"text": "b"}])
    assert [one["label"] for one in answer.json()] == ["A", "B"]
    assert client.post("/predict", json=[]).json() == []


def test_all_bad_inputs_of_a_list_are_named(client: TestClient) -> None:
    answer = client.post("/predict", json=[{"text": "a"}, {"text": ""}, {}])
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [(one["index"], one["field"]) for one in answer.json()["errors"]] == [
        (1, "text"),
        (2, "text"),
    ]


def test_an_input_that_the_model_refuses_is_named(client: TestClient) -> None:
    answer = client.post("/predict", json=[{"text": "a"}, {"text": "unreadable"}])
    assert answer.status_code == 422
    assert answer.json()["detail"] == "Input 1: the text can't be read."


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"{", 400),
        (b"", 400),
        (b"3", 422),
        (b'{"text": "\\ud800"}', 400),
        (b'{"text": "' + b"a" * 2000 + b'"}', 413),
        (json.dumps([{"text": "a"}] * 5).encode(), 422),
    ],
)
def test_problems_are_told_in_one_form(client: TestClient, content: bytes, status: int) -> None:
    answer = client.post("/predict", content=content)
    assert answer.status_code == answer.json()["status"] == status
    assert answer.json()["detail"].endswith(".")


def test_a_chunked_body_is_limited_too(client: TestClient) -> None:
    chunks = iter([b'{"text": "'] + [b"a" * 500] * 4)
    assert client.post("/predict", content=chunks).status_code == 413


def test_an_unknown_path_is_a_problem_too(client: TestClient) -> None:
    answer = client.get("/nowhere")
    assert (answer.status_code, answer.json()["title"]) == (404, "Not found")


def test_a_model_that_fails_says_where(client: TestClient) -> None:
    answer = client.post("/predict", json=[{"text": "a"}, {"text": "broken"}])
    assert answer.status_code == 500
    assert answer.json()["detail"].startswith("The model failed at input 1;")


def test_a_full_queue_asks_to_come_back(client: TestClient) -> None:
    Model.gate.clear()
    slow = threading.Thread(
        target=client.post, args=("/predict",), kwargs={"json": {"text": "slow"}}
    )
    slow.start()
    service = client.app.state.served.service  # type: ignore[attr-defined]
    deadline = time.monotonic() + 5
    while not service.in_flight and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.05)
    waiting = threading.Thread(
        target=client.post, args=("/predict",), kwargs={"json": [{"text": "a"}] * 4}
    )
    waiting.start()
    while service.in_flight < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.05)
    answer = client.post("/predict", json={"text": "late"})
    Model.gate.set()
    slow.join()
    waiting.join()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")


def test_schema_tells_what_goes_in_and_out(client: TestClient) -> None:
    schema = client.get("/schema").json()
    assert schema["input"] == Question.model_json_schema()
    assert (schema["version"], schema["labels"]) == ("abc", ["A"])


def test_metrics_count(client: TestClient) -> None:
    client.post("/predict", json={"text": "weld"})
    client.post("/predict", json={})
    text = client.get("/metrics").text
    for line in (
        'predict_requests_total{status="200"} 1.0',
        'predict_requests_total{status="422"} 1.0',
        "predict_tokens_total 4.0",
        "predict_batch_size_count 1.0",
        "predict_queue_depth 0.0",
    ):
        assert line in text


def test_alive_before_it_is_ready() -> None:
    gate = threading.Event()

    def load() -> Model:
        gate.wait(5)
        return Model()

    with client_of(load) as client:
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").json() == {"status": "loading"}
        answer = client.post("/predict", json={"text": "a"})
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
        gate.set()
        wait_until_ready(client)
        assert client.post("/predict", json={"text": "a"}).status_code == 200


def test_an_api_key_protects_predictions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODEL_KEY", "correct")
    with client_of(api_key_env="MODEL_KEY") as client:
        wait_until_ready(client)
        refused = client.post("/predict", json={"text": "a"})
        wrong = {"Authorization": "Bearer wrong"}
        right = {"Authorization": "Bearer correct"}
        assert refused.status_code == 401
        assert refused.json()["detail"] == "Send the API key as `Authorization: Bearer <key>`."
        assert client.get("/schema", headers=wrong).status_code == 401
        assert client.post("/predict", json={"text": "a"}, headers=right).status_code == 200


SERVE = """
import time
from pathlib import Path
from pydantic import BaseModel
from core.server import serve

class Question(BaseModel):
    text: str

class Reply(BaseModel):
    label: str

class Model:
    token_budget = 8
    @classmethod
    def load(cls, artifact): return cls()
    def prepare(self, item): return item.text
    def size(self, prepared): return 1
    def infer(self, batch):
        time.sleep(1 if "slow" in batch else 0)
        return [Reply(label=text) for text in batch]

serve(Model, Question, Reply)
"""


def start(folder: Path, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SERVE, *options],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(CORE)},
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def artifact(tmp_path: Path) -> Path:
    folder = tmp_path / "runs" / "one"
    folder.mkdir(parents=True)
    manifest = MANIFEST | {"format": 1, "files": {}}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return tmp_path


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def ask(port: int, text: str, until: float) -> int:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/predict", json.dumps({"text": text}).encode()
    )
    while True:
        try:
            return int(urllib.request.urlopen(request, timeout=5).status)
        except (urllib.error.URLError, OSError):
            if time.monotonic() > until:
                raise
            time.sleep(0.02)


def test_sigterm_finishes_what_is_in_flight(artifact: Path, free_port: int) -> None:
    server = start(artifact, "--port", str(free_port))
    assert ask(free_port, "warm", time.monotonic() + 20) == 200
    statuses: list[int] = []
    asking = threading.Thread(target=lambda: statuses.append(ask(free_port, "slow", 0)))
    asking.start()
    time.sleep(0.3)
    server.send_signal(signal.SIGTERM)
    time.sleep(0.2)
    with pytest.raises(urllib.error.HTTPError) as draining:
        urllib.request.urlopen(f"http://127.0.0.1:{free_port}/readyz", timeout=5)
    asking.join()
    assert (draining.value.code, statuses, server.wait(10)) == (503, [200], 0)


def test_a_client_that_leaves_is_not_waited_for(artifact: Path, free_port: int) -> None:
    server = start(artifact, "--port", str(free_port), "--workers", "1")
    assert ask(free_port, "warm", time.monotonic() + 20) == 200
    asking = threading.Thread(target=ask, args=(free_port, "slow", 0))
    asking.start()
    time.sleep(0.3)
    body = b'{"text": "left"}'
    with socket.create_connection(("127.0.0.1", free_port)) as client:
        client.sendall(
            b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body)
        )
        client.sendall(body)
        time.sleep(0.2)
    asking.join()
    metrics = urllib.request.urlopen(f"http://127.0.0.1:{free_port}/metrics", timeout=5).read()
    server.terminate()
    server.wait(10)
    assert b'predict_requests_total{status="499"} 1.0' in metrics
    assert b"predict_batch_size_sum 2.0" in metrics  # "warm" and "slow"


@pytest.mark.parametrize("options", [[], ["--artifact", "nowhere"]])
def test_no_artifact_is_one_sentence(tmp_path: Path, options: list[str]) -> None:
    server = start(tmp_path, *options)
    _, said = server.communicate(timeout=20)
    assert server.returncode == 6
    assert said.count("\n") == 1


def test_a_taken_port_is_one_sentence(artifact: Path, taken_port: int) -> None:
    server = start(artifact, "--port", str(taken_port))
    _, said = server.communicate(timeout=20)
    assert server.returncode == 2
    assert said.startswith(f"Can't listen on 127.0.0.1:{taken_port}")


def test_the_docs_know_what_goes_in_and_out(client: TestClient) -> None:
    operation = client.get("/openapi.json").json()["paths"]["/predict"]["post"]
    [one, many] = operation["requestBody"]["content"]["application/json"]["schema"]["anyOf"]
    assert (one["title"], many["items"]["title"]) == ("Question", "Question")
    [one, _] = operation["responses"]["200"]["content"]["application/json"]["schema"]["anyOf"]
    assert "version" in one["properties"]
