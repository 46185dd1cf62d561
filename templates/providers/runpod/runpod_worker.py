"""A worker of RunPod's serverless endpoints: it takes jobs of their queue, and answers them."""

import asyncio
import json
import logging
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

from core.app import Served, create_app
from core.artifact import latest_artifact, read_manifest
from core.errors import UserError
from core.options import ServerSettings
from core.problems import Problem
from core.service import Service

OPTIONS = ("--test_input", "--rp_")  # of RunPod's SDK
QUEUE = "RUNPOD_WEBHOOK_GET_JOB"  # environment variable that only a worker has
ROUTE = "openai_route"  # of a job that is a request
STREAM = b"text/event-stream; charset=utf-8"

Answer = Callable[[dict[str, Any]], Awaitable[Any]]


def is_worker() -> bool:
    """Whether this process is one, by where it runs or by its options."""
    return QUEUE in os.environ or any(word.startswith(OPTIONS) for word in sys.argv[1:])


def work(model: type[Any], takes: type[BaseModel], answers: type[BaseModel]) -> None:
    """Answer jobs until RunPod ends this process; what can be set is set by SERVE_ARTIFACT and the like.

    Args:
        model: A `Predictor` with a class method `load`.
    """
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        serverless = _import_sdk()
        app = load(model, takes, answers)
    except UserError as error:
        print(error, file=sys.stderr)
        raise SystemExit(error.exit_code) from None
    served: Served = app.state.served
    at_once = getattr(served.service.ready(), "workers", 1)  # jobs; a list in one is a batch anyway
    answer = answer_jobs(served)
    streams = bool(getattr(model, "routers", ()))
    serverless.start(
        {
            "handler": stream_jobs(app, answer) if streams else answer,
            "return_aggregate_stream": streams,
            "concurrency_modifier": lambda _: at_once,
        }
    )


def load(model: type[Any], takes: type[BaseModel], answers: type[BaseModel]) -> FastAPI:
    """The app of a server, without the server: its model is loaded before a job is taken."""
    settings = ServerSettings.from_arguments([])
    artifact = settings.artifact or latest_artifact(Path("runs"))
    manifest = read_manifest(artifact)
    routers = getattr(model, "routers", ())
    app = create_app(lambda: model.load(artifact), takes, answers, manifest, settings, routers)
    service: Service = app.state.served.service
    service.start()
    while service.state == "loading":
        if service.failure:
            raise service.failure
        time.sleep(0.05)
    return app


def answer_jobs(served: Served) -> Answer:
    """What answers a job, {"input": …}: one input gets one answer, a list of them a list."""

    async def answer(job: dict[str, Any]) -> Any:
        try:
            inputs, is_list = served.codec.decode(json.dumps(job["input"]).encode())
            answers = await asyncio.gather(*await served.service.answer(inputs))
        except Problem as problem:
            return {"error": problem.detail}
        return json.loads(served.codec.encode(answers, is_list))

    return answer


def stream_jobs(app: FastAPI, answer: Answer) -> Callable[[dict[str, Any]], AsyncIterator[Any]]:
    """The same for a model with routes of its own, whose jobs may be a request for one of them.

    That is how RunPod hands on what OpenAI's clients ask at …/openai/v1, and takes the answer piece by
    piece: {"input": {"openai_route": "/v1/chat/completions", "openai_input": {"stream": true, …}}}.
    """

    async def stream(job: dict[str, Any]) -> AsyncIterator[Any]:
        given = job["input"]
        if not (isinstance(given, dict) and ROUTE in given):
            yield await answer(job)
            return
        body = given.get("openai_input") or None
        async for piece in request(app, str(given[ROUTE]), body):
            yield piece

    return stream


async def request(app: FastAPI, path: str, body: Any) -> AsyncIterator[Any]:
    """What a route answers: its JSON, or the events of a stream as they come."""
    status, is_stream = 0, False
    async for message in call(app, path, body):
        if message["type"] == "http.response.start":
            status = message["status"]
            is_stream = (b"content-type", STREAM) in message["headers"]
        elif content := message.get("body", b"").decode():
            yield content if is_stream else _read(status, json.loads(content))


def _read(status: int, body: Any) -> Any:
    """An answer, or what RunPod takes for an error: of OpenAI's routes, or of any other."""
    if status < 400:
        return body
    return {"error": body["error"]["message"] if "error" in body else body["detail"]}


async def call(app: FastAPI, path: str, body: Any) -> AsyncIterator[dict[str, Any]]:
    """Ask the app itself, with no server between; its messages as they come."""
    content = b"" if body is None else json.dumps(body).encode()
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET" if body is None else "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json")],
        "server": ("worker", 80),
        "client": ("worker", 0),
    }
    asked = iter([{"type": "http.request", "body": content, "more_body": False}])
    messages: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()

    async def receive() -> dict[str, Any]:
        for message in asked:
            return message
        await asyncio.Event().wait()  # whoever asked does not leave
        raise AssertionError

    answering = asyncio.create_task(app(scope, receive, messages.put))  # type: ignore[arg-type]
    answering.add_done_callback(lambda _: messages.put_nowait(None))
    try:
        while (message := await messages.get()) is not None:
            yield message
        await answering  # raises what went wrong
    finally:
        answering.cancel()


def _import_sdk() -> Any:
    try:
        from runpod import serverless
    except ImportError:
        raise UserError(
            "A worker needs RunPod's SDK: python -m pip install -r requirements-worker.txt."
        ) from None
    return serverless
