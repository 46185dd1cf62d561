"""Errors as RFC 9457 problem details: a stable type, one sentence, and the places at fault."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

MEDIA_TYPE = "application/problem+json"


class Kind(NamedTuple):
    name: str
    title: str
    meaning: str

    @property
    def type(self) -> str:
        return f"/problems/{self.name}"


KINDS = {
    400: Kind("not-readable", "Not readable", "The body is not what its media type says."),
    401: Kind("not-authorized", "Not authorized", "No token came, or it is not valid any more."),
    403: Kind("forbidden", "Forbidden", "The token is valid, but does not allow this."),
    404: Kind("not-found", "Not found", "It does not exist, or belongs to someone else."),
    405: Kind("method-not-allowed", "Method not allowed", "The path takes other methods."),
    409: Kind("conflict", "Conflict", "The present state does not allow this; see `detail`."),
    412: Kind("changed", "Changed meanwhile", "It is no longer what `If-Match` names."),
    413: Kind("too-large", "Body too large", "Send less; `detail` says how much is taken."),
    415: Kind("media-type", "Media type not taken", "Send a type that the operation names."),
    422: Kind("invalid", "Invalid input", "`errors` names each place and what is wrong there."),
    429: Kind("rate-limited", "Too many requests", "Wait for the seconds of `Retry-After`."),
    500: Kind("internal", "Internal error", "A fault of the server; its log has the request id."),
    502: Kind("bad-upstream", "Bad answer upstream", "A server that was asked answered nonsense."),
    503: Kind("not-available", "Not available", "Try again after the seconds of `Retry-After`."),
    504: Kind("too-slow", "No answer in time", "A server that was asked did not answer in time."),
    507: Kind("disk-full", "Disk full", "There is no room left where files are kept."),
}
UNNAMED = Kind("error", "Error", "The status code says it.")


class Fault(BaseModel):
    """One thing that is wrong with the request."""

    location: str = Field(
        default="body", description="body, query, path or header", examples=["body"]
    )
    index: int | None = Field(
        default=None, description="Place in the list of inputs.", examples=[0]
    )
    field: str = Field(default="", examples=["settings.epochs"])
    message: str = Field(examples=["Input should be greater than 0"])


class ProblemDetails(BaseModel):
    """What every error answers, as `application/problem+json` (RFC 9457)."""

    type: str = Field(description="One of `/problems`; it stays.", examples=["/problems/not-found"])
    title: str = Field(examples=["Not found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["No model 'trades'."])
    request_id: str | None = Field(default=None, description="As in the log and in `X-Request-ID`.")
    errors: list[Fault] | None = Field(default=None, description="The places at fault.")


class Problem(HTTPException):
    """Raised to answer with a status and a sentence: what is wrong, where, and what to do."""

    def __init__(
        self,
        status: int,
        detail: str,
        faults: Sequence[Fault] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(status, detail, headers)
        self.faults = list(faults)


def not_found(what: str) -> Problem:
    return Problem(404, f"No {what}.")


def not_available(detail: str, seconds: float = 1) -> Problem:
    return Problem(503, detail, headers={"Retry-After": str(max(1, round(seconds)))})


def invalid(*faults: Fault) -> Problem:
    return Problem(422, summary(faults), faults)


def invalid_field(field: str, message: str) -> Problem:
    """One field of the body is wrong."""
    return invalid(Fault(field=field, message=message))


def summary(faults: Sequence[Fault]) -> str:
    """One sentence about the first, and how many there are."""
    first = faults[0]
    place = first.location.capitalize() if first.index is None else f"Input {first.index}"
    field = f", {first.field}" if first.field else ""
    more = f" ({len(faults) - 1} more)" if len(faults) > 1 else ""
    return f"{place}{field}: {first.message.rstrip('.')}{more}."


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """`responses=` of routes that may answer these problems."""
    return {status: _document(KINDS[status], status) for status in statuses}


def _document(kind: Kind, status: int) -> dict[str, Any]:
    example = {"type": kind.type, "title": kind.title, "status": status, "detail": kind.meaning}
    schema = {"$ref": "#/components/schemas/ProblemDetails"}
    return {
        "description": kind.meaning,
        "content": {MEDIA_TYPE: {"schema": schema, "example": example}},
    }
