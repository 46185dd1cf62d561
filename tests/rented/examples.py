"""Values that a JSON schema allows, for hypothesis: what providers' documents use of it, and no more."""

import string
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

Values = st.SearchStrategy[Any]
TEXT = st.text(string.ascii_letters + string.digits + " -_/.:\"'é", max_size=12)
VERSION = st.from_regex(r"\A[0-9]{1,2}\.[0-9]\Z")
NAME = st.from_regex(r"\A\s?[A-Za-z][A-Za-z0-9 ]{0,10}\Z")
PATTERNS = {r"^\d+\.\d+$": VERSION, r"^\s*[^-\s]": NAME}
DEPTH = 8  # schemas inside of one another, after which what may be missing is missing


def values(schema: dict[str, Any], resolve: Callable[[Any], Any], depth: int = 0) -> Values:
    """
    Args:
        resolve: Follows what a schema refers to.
    """
    schema = merge(schema, resolve)
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    for choice in ("oneOf", "anyOf"):
        if choice in schema:
            rest = {key: value for key, value in schema.items() if key != choice}
            options = [{"allOf": [rest, option]} for option in schema[choice]]
            return st.one_of([values(option, resolve, depth + 1) for option in options])
    named = schema.get("type", "object" if "properties" in schema else "string")
    kinds = named if isinstance(named, list) else [named]
    return st.one_of([of_kind(kind, schema, resolve, depth) for kind in kinds])


def of_kind(kind: str, schema: dict[str, Any], resolve: Callable[[Any], Any], depth: int) -> Values:
    least, most = schema.get("minimum"), schema.get("maximum")
    if kind == "null":
        return st.none()
    if kind == "boolean":
        return st.booleans()
    if kind == "integer":
        return st.integers(-5 if least is None else least, 10**6 if most is None else most)
    if kind == "number":
        return st.floats(-5 if least is None else least, 1e6 if most is None else most)
    if kind == "string":
        text = PATTERNS[schema["pattern"]] if "pattern" in schema else TEXT
        return text.filter(lambda value: len(value) >= schema.get("minLength", 0))
    if kind == "array":
        items = values(schema.get("items", {}), resolve, depth + 1)
        least = schema.get("minItems", 0)
        most = schema.get("maxItems", least + 3)
        is_told_apart = repr if schema.get("uniqueItems") else None
        return st.lists(items, min_size=least, max_size=most, unique_by=is_told_apart)
    return of_object(schema, resolve, depth)


def of_object(schema: dict[str, Any], resolve: Callable[[Any], Any], depth: int) -> Values:
    required = set(schema.get("required", ()))
    fields = {
        name: values(part, resolve, depth + 1)
        for name, part in schema.get("properties", {}).items()
        if name in required or depth < DEPTH
    }
    optional = {name: value for name, value in fields.items() if name not in required}
    known = {name: fields.get(name, TEXT) for name in required}
    fixed = st.fixed_dictionaries(known, optional=optional)
    others = schema.get("additionalProperties")
    if not isinstance(others, dict):
        return fixed
    free = st.dictionaries(TEXT, values(others, resolve, depth + 1), max_size=2)
    return st.tuples(free, fixed).map(lambda pair: pair[0] | pair[1])


def merge(schema: dict[str, Any], resolve: Callable[[Any], Any]) -> dict[str, Any]:
    """One schema of all that has to hold at once."""
    schema = resolve(schema)
    merged = {key: value for key, value in schema.items() if key != "allOf"}
    for part in (merge(part, resolve) for part in schema.get("allOf", ())):
        fields = merged.get("properties", {})
        for name, field in part.get("properties", {}).items():
            fields = fields | {name: {"allOf": [fields[name], field]} if name in fields else field}
        required = [*merged.get("required", ()), *part.get("required", ())]
        merged |= part | {"properties": fields, "required": required}
    return {key: value for key, value in merged.items() if value not in ({}, [])}
