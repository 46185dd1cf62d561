"""Writes the manifests that coding agents read, or checks that they are current: `python -m tools.manifests [--check]`.

All they say comes from pyproject.toml and the package's version.
"""

import difflib
import json
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ml_training import __version__

ROOT = Path(__file__).parents[1]
AGENT_PLUGINS = "https://agent-plugins.org/schemas/1.0.0/plugin.schema.json"

Json = dict[str, Any]


def agent_plugin(project: Json) -> Json:
    return {"$schema": AGENT_PLUGINS, **claude_plugin(project)}


def claude_plugin(project: Json) -> Json:
    links = {key: url for key, url in project["urls"].items() if key in ("homepage", "repository")}
    return {
        "name": project["name"],
        "version": __version__,
        "description": project["description"],
        "author": project["authors"][0],
        **links,
        "license": project["license"],
        "keywords": project["keywords"],
    }


def marketplace(project: Json) -> Json:
    """A marketplace of one plugin, which lies beside it; the version is the plugin's own."""
    plugin = {"name": project["name"], "source": "./", "description": project["description"]}
    return {
        "name": project["name"],
        "owner": project["authors"][0],
        "description": project["description"],
        "plugins": [plugin],
    }


# A client that reads none of these gets a line here.
TARGETS: dict[str, Callable[[Json], Json]] = {
    "plugin.json": agent_plugin,  # Codex, Copilot and Cursor read it before any other
    ".claude-plugin/plugin.json": claude_plugin,
    ".claude-plugin/marketplace.json": marketplace,  # read by Codex and Copilot too
}


def manifests() -> dict[str, str]:
    """The text of each manifest by its path."""
    tables = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project = tables["project"]
    return {
        name: json.dumps(build(project), indent=2, ensure_ascii=False) + "\n"
        for name, build in TARGETS.items()
    }


def differences() -> Iterator[str]:
    for name, text in manifests().items():
        yield from compare(Path(name), text)


def compare(path: Path, text: str) -> Iterator[str]:
    """The difference between a file below the root and what it should hold."""
    old = (ROOT / path).read_text(encoding="utf-8") if (ROOT / path).exists() else ""
    name = path.as_posix()
    yield from difflib.unified_diff(
        old.splitlines(keepends=True), text.splitlines(keepends=True), name, name, n=1
    )


def main(arguments: list[str]) -> int:
    if arguments == ["--check"]:
        changes = list(differences())
        sys.stdout.writelines(changes)
        return 1 if changes else 0
    for name, text in manifests().items():
        path = ROOT / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
