"""The description of the interface, with the one shape that all errors have."""

from typing import Any

from fastapi import FastAPI
from pydantic.json_schema import models_json_schema

from app.core.problems import ProblemDetails

REFERENCE = "#/components/schemas/{model}"


def describe(app: FastAPI) -> None:
    """Let `app.openapi` know what `documented` refers to."""
    describe_routes = app.openapi

    def openapi() -> dict[str, Any]:
        description = describe_routes()
        schemas = description["components"]["schemas"]
        if "ProblemDetails" not in schemas:
            _, found = models_json_schema(
                [(ProblemDetails, "serialization")], ref_template=REFERENCE
            )
            schemas.update(found["$defs"])
        return description

    app.openapi = openapi  # type: ignore[method-assign]
