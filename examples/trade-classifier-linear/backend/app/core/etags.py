"""Answers that a client which has them already is not sent again."""

import hashlib
from typing import Annotated

from fastapi import Header, Response
from pydantic import BaseModel

IfNoneMatch = Annotated[str | None, Header()]


def answer_if_new(found: BaseModel, known: str | None) -> Response:
    """With an ETag; 304 where it is among those that the client knows, its `If-None-Match`."""
    body = found.model_dump_json().encode()
    headers = {"ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"', "Cache-Control": "no-cache"}
    if headers["ETag"] in (known or ""):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")
