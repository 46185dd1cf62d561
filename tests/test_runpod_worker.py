"""A model as a worker of RunPod, run by RunPod's own SDK: its queue is a server on this machine."""

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.generated import Model
from tests.tiny import save_tiny_generator

pytestmark = pytest.mark.slow

GOOD = {"text": "Replace the bearing of the pump."}
BAD = {"txt": "?"}
COMPLAINT = "The input, text: Field required"
# The SDK looks for a GPU and the internet before a first job.
NO_CHECKS = {"RUNPOD_SKIP_AUTO_SYSTEM_CHECKS": "true", "RUNPOD_SKIP_GPU_CHECK": "true"}
POLL = 1.0  # seconds, as RunPod keeps those who ask waiting: one that asks on and on fills a pipe with its log


class Queue:
    """What RunPod keeps for an endpoint: jobs that wait, and what came of them."""

    def __init__(self) -> None:
        self.jobs: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.done: dict[str, Any] = {}
        self.pieces: list[Any] = []  # of an answer that streams
        queue = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                queue.asked.append(self.path)
                asks = urlsplit(self.path).path.startswith("/job-take")
                until = time.monotonic() + POLL
                while not (asks and queue.jobs) and time.monotonic() < until:
                    time.sleep(0.02)
                take = asks and queue.jobs
                self.answer(200 if take else 204, queue.jobs.pop(0) if take else None)

            def do_POST(self) -> None:
                result = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if urlsplit(self.path).path.startswith("/job-stream"):
                    queue.pieces.append(result["output"])
                else:
                    queue.done[urlsplit(self.path).path.rpartition("/")[2]] = result
                self.answer(200, "ok")

            def answer(self, status: int, body: Any) -> None:
                content = b"" if body is None else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def result(self, number: str) -> Any:
        until = time.monotonic() + 60
        while number not in self.done:
            assert time.monotonic() < until, self.done
            time.sleep(0.02)
        return self.done[number]

    def environment(self) -> dict[str, str]:
        return NO_CHECKS | {
            "RUNPOD_WEBHOOK_GET_JOB": f"{self.url}/job-take/$ID?gpu=none",
            "RUNPOD_WEBHOOK_POST_OUTPUT": f"{self.url}/job-done/$RUNPOD_POD_ID/$ID?gpu=none",
            "RUNPOD_WEBHOOK_POST_STREAM": f"{self.url}/job-stream/$RUNPOD_POD_ID/$ID?gpu=none",
            "RUNPOD_WEBHOOK_PING": f"{self.url}/ping/$RUNPOD_POD_ID",
        }


@pytest.fixture(scope="module")
def model(render: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a trained model."""
    folder = tmp_path_factory.mktemp("worker") / "model"
    given = {"component": "model", "task": "text-classification", "algorithm": "linear"}
    shutil.copytree(render(**given, provider="runpod"), folder)
    Model(folder, folder / "runs", modules=folder).train("--samples", "200")
    return folder


def serve(model: Path, *options: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "serve.py", *options],
        cwd=model,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@contextmanager
def ending(process: subprocess.Popen[str]) -> Iterator[None]:
    try:
        yield
        assert process.poll() is None, process.communicate()[0]
    finally:
        process.terminate()
        try:
            process.communicate(timeout=30)
        finally:
            process.kill()


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        ({"input": GOOD}, 0, "'label': "),
        ({"input": [GOOD, GOOD]}, 0, "[{'label': "),
        ({"input": BAD}, 1, COMPLAINT),
        ({"input": "?"}, 1, "The input: Input should be an object"),
        ({"input": [GOOD, BAD]}, 1, "Input 1, text: Field required"),
    ],
)
def test_an_input_is_tried_here(model: Path, given: Any, code: int, said: str) -> None:
    process = serve(model, "--test_input", json.dumps(given))
    out, _ = process.communicate(timeout=120)
    assert process.returncode == code, out
    assert said in out
    assert "Traceback" not in out


def test_jobs_are_taken_and_answered_whatever_is_in_them(model: Path) -> None:
    queue = Queue()
    queue.jobs = [
        {"id": "bad", "input": BAD},
        {"id": "one", "input": GOOD},
        {"id": "blank", "input": None},
        {"id": "many", "input": [GOOD] * 3},
        {"id": "too-many", "input": [GOOD] * 1000},
        {"id": "last", "input": GOOD},
    ]
    with ending(serve(model, **queue.environment())):
        last = queue.result("last")["output"]
        assert COMPLAINT in queue.result("bad")["error"]
        assert "output" not in queue.result("bad")
        assert queue.result("one")["output"] == last
        assert queue.result("many")["output"] == [last] * 3
        assert "object" in queue.result("blank")["error"]
        assert "at most 256" in queue.result("too-many")["error"]
        assert {*last} > {"label", "version"}
    queue.server.shutdown()


def test_a_model_that_answers_several_at_once_takes_several_jobs(
    model: Path, tmp_path: Path
) -> None:
    shutil.copytree(model, tmp_path / "model")
    with (tmp_path / "model/predict.py").open("a") as code:
        code.write("\n\nPredictor.workers = 3\n")
    queue = Queue()
    queue.jobs = [{"id": str(number), "input": GOOD} for number in range(6)]
    with ending(serve(tmp_path / "model", **queue.environment())):
        outputs = [queue.result(str(number))["output"] for number in range(6)]
        assert outputs == outputs[:1] * 6
        assert any("batch_size=3" in path for path in queue.asked)
    queue.server.shutdown()


def test_the_api_of_the_sdk_answers_here(model: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    options = ["--rp_serve_api", "--rp_api_host", "127.0.0.1", "--rp_api_port", str(port)]
    with ending(serve(model, *options)):
        bad, good, again = (ask(port, {"input": given}) for given in (BAD, GOOD, GOOD))
        assert (bad["status"], COMPLAINT in bad["error"]) == ("FAILED", True)
        assert good["status"] == "COMPLETED"
        assert good["output"] == again["output"]


@pytest.fixture(scope="module")
def writer(render: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a trained language model."""
    folder = tmp_path_factory.mktemp("worker") / "writer"
    base = save_tiny_generator(folder.parent / "base")
    given = {"component": "model", "task": "text-generation", "algorithm": "full"}
    shutil.copytree(render(**given, base_model=str(base), provider="runpod"), folder)
    Model(folder, folder / "runs", modules=folder).train("--debug", "--samples", "40")
    return folder


def routed(route: str, **asked: object) -> dict[str, Any]:
    """A job as RunPod makes one of what a client of OpenAI asks."""
    return {"openai_route": route, "openai_input": asked}


def test_a_model_that_writes_answers_as_openai_does_and_streams(writer: Path) -> None:
    limits = {"max_tokens": 5, "temperature": 0}
    chat: dict[str, Any] = {"messages": [{"role": "user", "content": "Why?"}], **limits}
    queue = Queue()
    queue.jobs = [
        {"id": "models", "input": {"openai_route": "/v1/models"}},
        {"id": "whole", "input": routed("/v1/chat/completions", **chat)},
        {"id": "plain", "input": {"text": "Why?", **limits}},
        {"id": "bad", "input": routed("/v1/chat/completions", messages=[], best_of=2)},
        {"id": "nowhere", "input": routed("/v2/x")},
    ]
    with ending(serve(writer, **queue.environment())):
        assert queue.result("models")["output"][0]["data"][0]["id"] == "text-generation"
        (whole,) = queue.result("whole")["output"]
        assert whole["usage"]["completion_tokens"] <= 5
        (plain,) = queue.result("plain")["output"]
        assert plain["text"] == whole["choices"][0]["message"]["content"]
        assert "best_of is not supported" in queue.result("bad")["error"]
        assert queue.result("nowhere")["error"] == "Not Found"
        queue.pieces.clear()
        queue.jobs = [{"id": "s", "input": routed("/v1/chat/completions", stream=True, **chat)}]
        queue.result("s")
    assert len(queue.pieces) > 3 and queue.pieces[-1] == "data: [DONE]\n\n"
    chunks = [json.loads(piece.removeprefix("data: ")) for piece in queue.pieces[:-1]]
    said = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks)
    assert said == whole["choices"][0]["message"]["content"]
    queue.server.shutdown()


def ask(port: int, content: object) -> Any:
    until = time.monotonic() + 60
    while True:
        try:
            return post_json(f"http://127.0.0.1:{port}/runsync", content)
        except urllib.error.URLError:
            assert time.monotonic() < until
            time.sleep(0.1)


def post_json(url: str, content: object) -> Any:
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(content).encode(), headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def test_a_worker_without_a_model_says_so(model: Path, tmp_path: Path) -> None:
    process = serve(model, "--test_input", "{}", SERVE_ARTIFACT=str(tmp_path))
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 6
    assert "No manifest.json in" in out
    assert "Traceback" not in out


def test_a_server_here_needs_no_sdk(model: Path) -> None:
    check = "import serve, sys; assert 'runpod' not in sys.modules"
    subprocess.run([sys.executable, "-c", check], cwd=model, check=True)
