"""Keep of a provider's OpenAPI document what our clients use, without its prose: `python -m tools.specs FILE NAME`.

`tests/specs/NAME.json` names the operations it has; run again with a newer FILE to renew it.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SPECS = Path(__file__).parents[1] / "tests" / "specs"
PROSE = {
    "default",
    "description",
    "example",
    "examples",
    "externalDocs",
    "summary",
    "tags",
    "title",
}
PREFIX = "#/components/"


def excerpt(document: dict[str, Any], operations: list[list[str]]) -> dict[str, Any]:
    """The operations, each [method, path], and whatever they refer to."""
    paths: dict[str, Any] = {}
    for method, path in operations:
        paths.setdefault(path, {})[method] = strip(document["paths"][path][method])
    components: dict[str, Any] = {}
    waiting = [*references(paths)]
    while waiting:
        kind, name = waiting.pop().removeprefix(PREFIX).split("/")
        if name not in components.setdefault(kind, {}):
            components[kind][name] = strip(document["components"][kind][name])
            waiting += references(components[kind][name])
    return {
        "openapi": document["openapi"],
        "info": {"title": document["info"]["title"], "version": document["info"]["version"]},
        "operations": operations,
        "paths": paths,
        "components": components,
    }


def strip(node: Any, *, names: bool = False) -> Any:
    """Without prose.

    Args:
        names: Whether the keys of `node` are names of properties, which are no prose.
    """
    if isinstance(node, list):
        return [strip(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: strip(value, names=key in ("properties", "headers", "schemas") and not names)
        for key, value in node.items()
        if names or key not in PROSE
    }


def references(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from references(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref" and isinstance(value, str):
                yield value
            else:
                yield from references(value)


def main() -> int:
    source, name = sys.argv[1:]
    target = SPECS / f"{name}.json"
    operations = json.loads(target.read_text("utf-8"))["operations"]
    document = json.loads(Path(source).read_text("utf-8"))
    kept = json.dumps(excerpt(document, operations), indent=1, ensure_ascii=False)
    target.write_text(f"{kept}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
