"""The real Claude Code client validates, installs and describes the plugin, without a login."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ml_training import __version__

ROOT = Path(__file__).parents[1]
VERSION = "2.1.330"
SILENT = {
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    "DISABLE_AUTOUPDATER": "1",
    "DISABLE_ERROR_REPORTING": "1",
    "DISABLE_TELEMETRY": "1",
    "HTTPS_PROXY": "http://127.0.0.1:9",  # nobody answers there
}
ALWAYS_ON = 200  # tokens, by the client's own estimate

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("npm") is None, reason="needs npm"),
]

Claude = Callable[..., str]


@pytest.fixture(scope="module")
def program(request: pytest.FixtureRequest) -> Path:
    """The client at its pinned version, kept in pytest's cache: it is large."""
    assert request.config.cache
    folder = request.config.cache.mkdir(f"claude-code-{VERSION}")
    package = folder / "node_modules" / "@anthropic-ai" / "claude-code"
    done = folder / "installed"
    if not done.exists():
        install = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund"]
        target = f"@anthropic-ai/claude-code@{VERSION}"
        subprocess.run([*install, "--prefix", str(folder), target], check=True)
        subprocess.run(["node", str(package / "install.cjs")], check=True)
        done.touch()
    return package / "bin" / "claude.exe"  # so named on every system


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a clone of the repository holds: no caches, nothing that is ignored."""
    folder = tmp_path_factory.mktemp("clone") / "plugin"
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.check_output(listing, cwd=ROOT, text=True).split("\0")
    for name in names:
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def claude(program: Path, plugin: Path, tmp_path_factory: pytest.TempPathFactory) -> Claude:
    """Runs the client in a home of its own, where the plugin is installed."""
    home = tmp_path_factory.mktemp("home")
    env = {"HOME": str(home), "PATH": os.environ["PATH"], **SILENT}

    def claude(*arguments: str) -> str:
        command = [str(program), "plugin", *arguments]
        done = subprocess.run(
            command, cwd=plugin.parent, env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    claude("marketplace", "add", f"./{plugin.name}")
    claude("install", "ml-training@ml-training")
    return claude


def listed(claude: Claude) -> dict[str, Any]:
    plugins: list[dict[str, Any]] = json.loads(claude("list", "--json"))
    (plugin,) = plugins
    return plugin


@pytest.mark.parametrize("path", [".", ".claude-plugin/plugin.json"])
def test_validates(claude: Claude, plugin: Path, path: str) -> None:
    """The folder stands for its marketplace."""
    report = json.loads(claude("validate", str(plugin / path), "--strict", "--json"))
    assert report["provides"]["skills"] == ["ml-training:ml-training"]
    commands = [f"ml-training:{path.stem}" for path in sorted(ROOT.glob("commands/*.md"))]
    assert report["provides"]["commands"] == commands


def test_installs_the_version_of_the_package(claude: Claude) -> None:
    plugin = listed(claude)
    assert plugin["id"] == "ml-training@ml-training"
    assert plugin["version"] == __version__
    assert plugin["enabled"]


def test_costs_little_in_every_session(claude: Claude) -> None:
    details = claude("details", "ml-training")
    estimate = re.search(r"Always-on:\s+~(\d+) tok", details)
    assert estimate and int(estimate[1]) <= ALWAYS_ON, details


def test_the_command_runs_from_where_the_client_has_put_it(claude: Claude, tmp_path: Path) -> None:
    """The first call fetches packages from the index, the next one needs no network."""
    run = Path(listed(claude)["installPath"]) / "skills" / "ml-training" / "scripts" / "run.py"
    env = os.environ | {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    for name, more in {"first": {}, "second": {"PIP_NO_INDEX": "1"}}.items():
        command = [sys.executable, str(run), "new", str(tmp_path / name), "--defaults", "--json"]
        written = json.loads(subprocess.check_output(command, env=env | more, text=True))
        assert all((tmp_path / name / file).is_file() for file in written["files"])
