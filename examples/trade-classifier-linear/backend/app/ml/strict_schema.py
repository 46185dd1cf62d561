"""From a model's output schema to one that language models are held to."""

from typing import Any

KEPT = ("type", "description", "enum", "const", "minimum", "maximum", "items", "anyOf", "$ref")


def strict_schema(schema: dict[str, Any], labels: list[str]) -> dict[str, Any]:
    """Every property required and no other allowed, as structured outputs ask for.

    A property named `label` is one of `labels`, and a map has a value for each of them.
    """
    strict = _strict(schema, labels)
    if definitions := schema.get("$defs"):
        strict["$defs"] = {name: _strict(part, labels) for name, part in definitions.items()}
    return strict


def _strict(schema: dict[str, Any], labels: list[str]) -> dict[str, Any]:
    strict = {key: schema[key] for key in KEPT if key in schema}
    if "items" in strict:
        strict["items"] = _strict(strict["items"], labels)
    if "anyOf" in strict:
        strict["anyOf"] = [_strict(part, labels) for part in strict["anyOf"]]
    if schema.get("type") == "object":
        properties = _properties(schema, labels)
        strict |= {
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        }
    return strict


def _properties(schema: dict[str, Any], labels: list[str]) -> dict[str, Any]:
    values = schema.get("additionalProperties")
    if isinstance(values, dict):
        return {label: _strict(values, labels) for label in labels}
    properties = {name: _strict(part, labels) for name, part in schema["properties"].items()}
    if labels and "label" in properties:
        properties["label"]["enum"] = labels
    return properties
