"""A worker of RunPod's serverless endpoints: it takes jobs of their queue, and answers them."""

import asyncio
import json
import logging
import os
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from core.app import Served, create_app
from core.artifact import latest_artifact, read_manifest
from core.errors import UserError
from core.options import ServerSettings
from core.problems import Problem

OPTIONS = ("--test_input", "--rp_")  # of RunPod's SDK
QUEUE = "RUNPOD_WEBHOOK_GET_JOB"  # environment variable that only a worker has

Handler = Callable[[dict[str, Any]], Awaitable[Any]]


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
        served = load(model, takes, answers)
    except UserError as error:
        print(error, file=sys.stderr)
        raise SystemExit(error.exit_code) from None
    at_once = getattr(served.service.ready(), "workers", 1)  # jobs; a list in one is a batch anyway
    serverless.start({"handler": handle(served), "concurrency_modifier": lambda _: at_once})


def load(model: type[Any], takes: type[BaseModel], answers: type[BaseModel]) -> Served:
    """The model behind the queue of a server, without a server: it is loaded before a job is taken."""
    settings = ServerSettings.from_arguments([])
    artifact = settings.artifact or latest_artifact(Path("runs"))
    manifest = read_manifest(artifact)
    app = create_app(lambda: model.load(artifact), takes, answers, manifest, settings)
    served: Served = app.state.served
    served.service.start()
    while served.service.state == "loading":
        if served.service.failure:
            raise served.service.failure
        time.sleep(0.05)
    return served


def handle(served: Served) -> Handler:
    """What answers a job, {"input": …}: one input gets one answer, a list of them a list."""

    async def answer(job: dict[str, Any]) -> Any:
        try:
            inputs, is_list = served.codec.decode(json.dumps(job["input"]).encode())
            answers = await asyncio.gather(*await served.service.answer(inputs))
        except Problem as problem:
            return {"error": problem.detail}
        return json.loads(served.codec.encode(answers, is_list))

    return answer


def _import_sdk() -> Any:
    try:
        from runpod import serverless
    except ImportError:
        raise UserError(
            "A worker needs RunPod's SDK: python -m pip install -r requirements-worker.txt."
        ) from None
    return serverless
