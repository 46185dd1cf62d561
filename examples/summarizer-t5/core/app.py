"""The routes in front of any model: one or many inputs in, answers out."""

import asyncio
import logging
import os
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, TypeAdapter, ValidationError, create_model
from starlette.exceptions import HTTPException

from core import problems
from core.options import ServerSettings
from core.problems import Problem
from core.service import Predictor, Service

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")

SHOWN = ("task", "algorithm", "version", "labels", "input", "output")  # of the manifest, at /schema

probes = APIRouter()


class Codec:
    """JSON to inputs, answers to JSON; an answer carries the model's version."""

    def __init__(self, takes: type[BaseModel], answers: type[BaseModel], version: str) -> None:
        self._version = version
        self._prediction = create_model("Prediction", __base__=answers, version=(str, ...))
        self._input = TypeAdapter[Any](takes)
        self._inputs = TypeAdapter[Any](list[takes])  # type: ignore[valid-type]
        self._outputs = TypeAdapter(list[BaseModel])

    def decode(self, body: bytes) -> tuple[list[Any], bool]:
        """The inputs, and whether they came as a list.

        Raises:
            Problem: The body is not JSON, or an input is not valid; all such inputs are named.
        """
        is_list = body.lstrip()[:1] == b"["
        try:
            if is_list:
                return self._inputs.validate_json(body), True
            return [self._input.validate_json(body)], False
        except ValidationError as error:
            raise problems.invalid(error) from None

    def encode(self, answers: Sequence[BaseModel], is_list: bool) -> bytes:
        predictions = [
            self._prediction.model_construct(**dict(answer), version=self._version)
            for answer in answers
        ]
        if is_list:
            return self._outputs.dump_json(predictions, serialize_as_any=True)
        return predictions[0].model_dump_json().encode()

    def openapi(self) -> dict[str, Any]:
        """The body is read by `decode`, so FastAPI has to be told of it."""
        return {
            "requestBody": {"content": _one_or_many(self._input), "required": True},
            "responses": {"200": {"content": _one_or_many(TypeAdapter(self._prediction))}},
        }


def _one_or_many(adapter: TypeAdapter[Any]) -> dict[str, Any]:
    schema = adapter.json_schema()
    return {"application/json": {"schema": {"anyOf": [schema, {"type": "array", "items": schema}]}}}


@dataclass(frozen=True)
class Served:
    """What the routes work with, in `app.state.served`."""

    service: Service
    codec: Codec
    manifest: dict[str, Any]
    headers: dict[str, str]
    max_body: int


def create_app(
    load: Callable[[], Predictor],
    takes: type[BaseModel],
    answers: type[BaseModel],
    manifest: dict[str, Any],
    settings: ServerSettings,
    routers: Sequence[APIRouter] = (),
) -> FastAPI:
    """The routes of one model; `load` runs in the background once the app has started.

    Args:
        routers: Routes that only this kind of model has.
    """
    takes, answers = of_model(takes, manifest), of_model(answers, manifest)
    service = Service(load, _examples(takes), settings.workers, settings.queue)
    version = manifest["version"]

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        service.start()
        yield
        await asyncio.to_thread(service.stop)

    app = FastAPI(
        title=f"{manifest['task']} ({manifest['algorithm']})",
        version=version,
        lifespan=lifespan,
    )
    codec = Codec(takes, answers, version)
    app.state.served = Served(
        service, codec, manifest, {"Model-Version": version}, settings.max_body
    )
    problems.install(app)
    key = os.environ.get(settings.api_key_env)
    guard = [Depends(bearer(key))] if key else []
    app.post("/predict", dependencies=guard, openapi_extra=codec.openapi())(predict)
    app.get("/schema", dependencies=guard)(schema)
    for router in routers:
        app.include_router(router, dependencies=guard)
    app.include_router(probes)
    return app


async def predict(request: Request) -> Response:
    """One input object, or a list of them, gets one answer or a list."""
    served: Served = request.app.state.served
    with measured(served.service):
        inputs, is_list = served.codec.decode(await read_body(request, served.max_body))
        pending = await served.service.answer(inputs)
        answers = await _finished(request, pending)
        body = served.codec.encode(answers, is_list)
    return Response(body, headers=served.headers, media_type="application/json")


async def schema(request: Request) -> dict[str, Any]:
    """What the model takes and answers."""
    manifest = request.app.state.served.manifest
    return {key: manifest[key] for key in SHOWN if key in manifest}


@probes.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process is alive."""
    return {"status": "alive"}


@probes.get("/readyz")
async def readyz(request: Request) -> JSONResponse:
    """The model is loaded, and new requests are welcome."""
    state = request.app.state.served.service.state
    return JSONResponse({"status": state}, 200 if state == "ready" else 503)


@probes.get("/metrics")
async def metrics(request: Request) -> Response:
    """Counters for Prometheus."""
    registry = request.app.state.served.service.registry
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


def _examples(takes: type[BaseModel]) -> list[BaseModel]:
    examples = takes.model_json_schema().get("examples", [])
    return [takes.model_validate(example) for example in examples]


def bearer(key: str) -> Callable[..., None]:
    """A dependency that lets only `Authorization: Bearer <key>` pass."""
    scheme = HTTPBearer(auto_error=False)

    def check(given: Annotated[HTTPAuthorizationCredentials | None, Depends(scheme)]) -> None:
        if not given or not secrets.compare_digest(given.credentials.encode(), key.encode()):
            detail = "Send the API key as `Authorization: Bearer <key>`."
            raise Problem(401, detail, headers={"WWW-Authenticate": "Bearer"})

    return check


def of_model(schema: type[BaseModel], manifest: dict[str, Any]) -> type[BaseModel]:
    """What one model takes or answers, where only its training could tell: then `schema` has
    a class method `of_model`, which reads it in the manifest."""
    made: Callable[[dict[str, Any]], type[BaseModel]] | None = getattr(schema, "of_model", None)
    return made(manifest) if made else schema


@contextmanager
def measured(service: Service) -> Iterator[None]:
    started = time.perf_counter()
    service.in_flight += 1
    status = 500
    try:
        yield
        status = 200
    except HTTPException as problem:
        status = problem.status_code
        raise
    finally:
        service.in_flight -= 1
        service.requests.labels(status).inc()
        service.seconds.observe(time.perf_counter() - started)


async def read_body(request: Request, limit: int) -> bytes:
    # FastAPI's own max_body_size answers in plain text.
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise Problem(413, f"The body is larger than {limit:,} bytes.")
    return bytes(body)


async def _finished(request: Request, pending: Sequence[asyncio.Future[Any]]) -> list[Any]:
    answers = await unless_left(request, asyncio.gather(*pending, return_exceptions=True))
    for index, answer in enumerate(answers):
        if isinstance(answer, BaseException):
            place = f"input {index}" if len(pending) > 1 else "this input"
            log.error("Inference failed.", exc_info=answer)
            raise Problem(500, f"The model failed at {place}; the server's log says more.")
    return answers


async def unless_left(request: Request, coming: Awaitable[Answer]) -> Answer:
    """The answer, unless the client leaves first: then what is still to be done is dropped."""
    answer = asyncio.ensure_future(coming)
    leaving = asyncio.ensure_future(_left(request))
    race: set[asyncio.Future[Any]] = {answer, leaving}
    try:
        await asyncio.wait(race, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            raise Problem(499, "The client closed the connection.")
        return answer.result()
    finally:
        leaving.cancel()
        answer.cancel()


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        continue
