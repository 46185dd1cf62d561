"""From exceptions to problem details; `GET /problems` explains the types."""

import errno
from typing import Any

import asyncpg
import structlog
from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core import problems
from app.core.database import OUTAGES
from app.core.problems import KINDS, MEDIA_TYPE, UNNAMED, Fault, Problem, not_available

log = structlog.get_logger(__name__)

OUR_FAULT = (errno.ENOENT, errno.EACCES, errno.EISDIR, errno.ENOTDIR, errno.EEXIST)
UNSTORABLE = "It holds a value that cannot be stored, such as a NUL character or a number too large"

router = APIRouter(tags=["problems"])


class ProblemType(BaseModel):
    type: str = Field(examples=["/problems/not-found"])
    title: str = Field(examples=["Not found"])
    status: int = Field(examples=[404])
    meaning: str


@router.get("/problems", operation_id="list_problem_types")
async def list_problem_types() -> list[ProblemType]:
    """The types of problems that this interface answers."""
    return [
        ProblemType(type=kind.type, title=kind.title, status=status, meaning=kind.meaning)
        for status, kind in KINDS.items()
    ]


@router.get(
    "/problems/{name}",
    operation_id="get_problem_type",
    responses=problems.documented(404, 422),
)
async def get_problem_type(name: str) -> ProblemType:
    """What a type of problem means."""
    for problem in await list_problem_types():
        if problem.type == f"/problems/{name}":
            return problem
    raise problems.not_found(f"problem type '{name}'; see /problems")


def install(app: FastAPI) -> None:
    """Answer every error of `app` with problem details."""
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(RequestValidationError, _answer_invalid)
    app.add_exception_handler(asyncpg.DataError, _answer_unstorable)
    for outage in OUTAGES:
        app.add_exception_handler(outage, _answer_outage)
    app.add_middleware(Unexpected)
    app.include_router(router)


class Unexpected:
    """Whatever no handler knows: logged, and answered without a word about it.

    Starlette's own handler sits outside of all middleware: its answers lack CORS headers and id.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        has_started = False

        async def observe(message: Message) -> None:
            nonlocal has_started
            has_started = True
            await send(message)

        try:
            await self._app(scope, receive, observe)
        except Exception:
            if scope["type"] != "http":
                raise
            log.exception("Request failed.")
            if has_started:
                raise
            problem = Problem(500, "The server failed at this request; its log says more.")
            await answer(scope, problem)(scope, receive, send)


def answer(scope: Scope, error: HTTPException) -> JSONResponse:
    """The response to `error`."""
    status = error.status_code
    kind = KINDS.get(status, UNNAMED)
    content: dict[str, Any] = {
        "type": kind.type,
        "title": kind.title,
        "status": status,
        "detail": error.detail,
    }
    if request_id := scope.get("state", {}).get("request_id"):
        content["request_id"] = request_id
    if isinstance(error, Problem) and error.faults:
        content["errors"] = [fault.model_dump(exclude_none=True) for fault in error.faults]
    return JSONResponse(content, status, headers=error.headers, media_type=MEDIA_TYPE)


def _answer_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if error.status_code == 404 and error.detail == "Not Found":
        error = Problem(404, f"No path {request.url.path}.")
    elif error.status_code == 405:
        detail = f"{request.url.path} does not take {request.method}."
        error = Problem(405, detail, headers=dict(error.headers or {}))
    return answer(request.scope, error)


def _answer_invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    faults = [_fault(detail) for detail in error.errors()]
    if error.errors()[0]["type"] == "json_invalid":
        return answer(request.scope, Problem(400, f"The body is not JSON: {faults[0].message}."))
    return answer(request.scope, problems.invalid(*faults))


def _fault(detail: dict[str, Any]) -> Fault:
    location, *fields = detail["loc"]
    if detail["type"] == "json_invalid":
        return Fault(message=f"{detail['ctx']['error']}, at character {fields[0]}")
    message = detail["msg"].removeprefix("Value error, ")
    return Fault(location=location, field=".".join(map(str, fields)), message=message)


def _answer_unstorable(request: Request, error: Exception) -> JSONResponse:
    log.warning("The database refused a value.", exc_info=error)
    return answer(request.scope, problems.invalid(Fault(location="request", message=UNSTORABLE)))


def _answer_outage(request: Request, error: Exception) -> JSONResponse:
    if isinstance(error, OSError) and error.errno in OUR_FAULT:
        raise error
    log.error("Not available.", exc_info=error)
    problem = not_available("The database or the storage does not answer; try again soon.", 2)
    return answer(request.scope, problem)
