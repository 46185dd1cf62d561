"""Errors of the HTTP interface as RFC 9457 problem details: one sentence, and where it went wrong."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException

TITLES = {
    400: "Not JSON",
    401: "Not authorized",
    404: "Not found",
    405: "Method not allowed",
    413: "Body too large",
    422: "Invalid input",
    500: "Internal error",
    503: "Not available",
}


class Fault(BaseModel):
    """One thing that is wrong with the request."""

    index: int | None = None  # place in the list of inputs
    field: str = ""
    message: str


class Problem(HTTPException):
    def __init__(
        self,
        status: int,
        detail: str,
        faults: list[Fault] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(status, detail, headers)
        self.faults = faults or []


def busy(detail: str) -> Problem:
    """Come back in a second."""
    return Problem(503, detail, headers={"Retry-After": "1"})


def invalid(error: ValidationError) -> Problem:
    """What pydantic found, named by place in the list and field."""
    faults = [_fault(detail["loc"], detail["msg"]) for detail in error.errors()]
    if error.errors()[0]["type"] == "json_invalid":
        return Problem(400, f"{faults[0].message}.")
    return Problem(422, summary(faults), faults)


def summary(faults: list[Fault]) -> str:
    first = faults[0]
    place = "The input" if first.index is None else f"Input {first.index}"
    field = f", {first.field}" if first.field else ""
    more = f" ({len(faults) - 1} more)" if len(faults) > 1 else ""
    return f"{place}{field}: {first.message.rstrip('.')}{more}."


def install(app: FastAPI) -> None:
    """Answer every error of `app` with problem details."""
    app.add_exception_handler(HTTPException, _answer)
    app.add_exception_handler(Exception, _answer)


def _fault(location: tuple[int | str, ...], message: str) -> Fault:
    index = location[0] if location and isinstance(location[0], int) else None
    fields = location if index is None else location[1:]
    return Fault(
        index=index,
        field=".".join(str(field) for field in fields),
        message=message.removeprefix("Value error, ").rstrip("."),
    )


def _answer(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        error = Problem(500, "The server failed at this request; its log says more.")
    status = error.status_code
    content: dict[str, Any] = {
        "type": "about:blank",
        "title": TITLES.get(status, "Error"),
        "status": status,
        "detail": error.detail,
    }
    if isinstance(error, Problem) and error.faults:
        content["errors"] = [fault.model_dump(exclude_none=True) for fault in error.faults]
    return JSONResponse(
        content, status, headers=error.headers, media_type="application/problem+json"
    )
