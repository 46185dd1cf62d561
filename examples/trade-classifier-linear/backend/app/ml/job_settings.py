"""Settings of a training, held against the JSON schema of its recipe."""

import difflib
from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from app.core.problems import Fault
from app.worker.arguments import RESERVED


def own_settings(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The part of the schema that a user may set; the worker sets the rest."""
    properties = schema.get("properties", {})
    return {
        **schema,
        "properties": {name: part for name, part in properties.items() if name not in RESERVED},
        "required": [name for name in schema.get("required", []) if name not in RESERVED],
        "additionalProperties": False,
    }


def setting_faults(settings: Mapping[str, Any], schema: Mapping[str, Any]) -> list[Fault]:
    """Each setting that the recipe does not take, with its place."""
    own = own_settings(schema)
    names = list(own["properties"])
    faults = [_unknown(name, names) for name in settings if name not in names]
    known = {name: value for name, value in settings.items() if name in names}
    errors = Draft202012Validator(own).iter_errors(known)
    return [*faults, *map(_fault, errors)]


def _unknown(name: str, names: list[str]) -> Fault:
    field = f"settings.{name}"
    if name in RESERVED:
        return Fault(field=field, message="The worker sets this itself; leave it out")
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean '{near[0]}'?" if near else f"choose from {', '.join(names)}"
    return Fault(field=field, message=f"The recipe has no such setting; {hint}")


def _fault(error: ValidationError) -> Fault:
    place = ".".join(["settings", *(str(part) for part in error.absolute_path)])
    return Fault(field=place, message=error.message)
