"""The same request under the same `Idempotency-Key` acts once."""

import hashlib
import json
from typing import Annotated, Any, NamedTuple

from fastapi import Header

from app.core.problems import Fault, Problem, invalid

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="Chosen by the client, a UUID for example: repeating the request with it "
        "answers what the first one did, and acts and costs nothing again.",
        examples=["6f1c1f0e-3f0b-4a6e-9d0a-0c3d9a3c1f55"],
    ),
]


class Idempotency(NamedTuple):
    """A key, and the hash of the request that it was used for."""

    key: str | None
    sha256: str | None

    @classmethod
    def of(cls, key: str | None, *request: Any) -> "Idempotency":
        return cls(key, fingerprint(request)) if key else cls(None, None)

    def check(self, first_sha256: str | None) -> None:
        """The key's first request must have been this one.

        Raises:
            Problem: It was another one.
        """
        if first_sha256 != self.sha256:
            raise used_otherwise()


def fingerprint(value: Any) -> str:
    """SHA-256 of the canonical JSON of `value`."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def used_otherwise() -> Problem:
    message = "This key was used for another request; choose a new one"
    return invalid(Fault(location="header", field="Idempotency-Key", message=message))
