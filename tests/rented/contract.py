"""What a provider's OpenAPI document says of a request or an answer."""

import json
import re
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

SPECS = Path(__file__).parents[1] / "specs"


class Contract:
    """Args: name: Of the excerpt in `tests/specs`."""

    def __init__(self, name: str) -> None:
        self._document = json.loads((SPECS / f"{name}.json").read_text("utf-8"))

    @cached_property
    def operations(self) -> list[tuple[str, str]]:
        return [(method.upper(), path) for method, path in self._document["operations"]]

    def check_request(self, method: str, url: str, body: Any) -> None:
        operation = self._operation(method, url)
        self._check_query(operation, method, url)
        if "requestBody" not in operation:
            assert body is None, f"{method} {url} takes no body"
            return
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        self._check(schema, body, f"request {method} {url}")

    def check_answer(self, method: str, url: str, status: int, body: Any) -> None:
        responses = self._operation(method, url)["responses"]
        if str(status) not in responses and "default" not in responses:
            return  # what gateways say, as 500: no document has it
        response = self.resolve(responses.get(str(status), responses.get("default")))
        if "content" in response:
            schema = self.answer_schema(method, url, status)
            self._check(schema, body, f"answer {status} of {method} {url}")

    def _check_query(self, operation: dict[str, Any], method: str, url: str) -> None:
        known = [self.resolve(parameter) for parameter in operation.get("parameters", ())]
        schemas = {p["name"]: p["schema"] for p in known if p["in"] == "query"}
        for name, value in parse_qsl(urlsplit(url).query, strict_parsing=bool(urlsplit(url).query)):
            assert name in schemas, f"{method} {url}: no parameter {name}"
            self._check(schemas[name], _read(schemas[name], value), f"{name} of {method} {url}")

    def statuses(self, method: str, url: str) -> list[int]:
        """That an answer may have; one that stands for all others is 418."""
        named = self._operation(method, url)["responses"]
        return [418 if status == "default" else int(status) for status in named]

    def answer_schema(self, method: str, url: str, status: int) -> dict[str, Any]:
        """Empty where an answer has no body."""
        responses = self._operation(method, url)["responses"]
        response = self.resolve(responses.get(str(status), responses.get("default")))
        content = response.get("content", {"": {"schema": {}}})
        kind = "application/json" if "application/json" in content else next(iter(content))
        schema: dict[str, Any] = content[kind]["schema"]
        return schema

    def _operation(self, method: str, url: str) -> dict[str, Any]:
        path = urlsplit(url).path
        for template, operations in self._document["paths"].items():
            pattern = re.sub(r"\{\w+\}", "[^/]+", template)
            if re.fullmatch(pattern, path) and method.lower() in operations:
                found: dict[str, Any] = operations[method.lower()]
                return found
        raise AssertionError(f"the document has no {method} {path}")

    def resolve(self, node: dict[str, Any]) -> dict[str, Any]:
        """What a node refers to, with what is said beside."""
        while "$ref" in node:
            kind, name = node["$ref"].removeprefix("#/components/").split("/")
            beside = {key: value for key, value in node.items() if key != "$ref"}
            node = self._document["components"][kind][name] | beside
        return node

    @cached_property
    def _registry(self) -> Registry[Any]:
        resource = DRAFT202012.create_resource(self._document)
        registry: Registry[Any] = Registry().with_resource("urn:document", resource)
        return registry

    def _check(self, schema: dict[str, Any], value: Any, what: str) -> None:
        anchored = json.loads(json.dumps(schema).replace('"#/', '"urn:document#/'))
        errors = Draft202012Validator(anchored, registry=self._registry).iter_errors(value)
        said = [f"{error.json_path}: {error.message}" for error in errors]
        assert not said, f"{what}: {said}"


def _read(schema: dict[str, Any], value: str) -> Any:
    """What a parameter says, of which a list is written with commas."""
    kind = schema.get("type")
    return int(value) if kind == "integer" else value.split(",") if kind == "array" else value
