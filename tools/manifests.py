"""Writes the manifests that coding agents read, or checks that they are current: `python -m tools.manifests [--check]`.

All they say comes from pyproject.toml and the package's version.
"""

import json
import sys
import tomllib
from collections.abc import Callable
from typing import Any

from ml_training import __version__
from tools.written import ROOT, write

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


if __name__ == "__main__":
    sys.exit(write(manifests(), sys.argv[1:]))
