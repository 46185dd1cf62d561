"""The wheel works alone: it is built, installed into an empty environment, and used elsewhere."""

import json
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from ml_training import __version__

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`ml-training`, installed from the wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "-q", "wheel", "--no-deps", "-w", str(folder), str(ROOT)]
    subprocess.run(pip, check=True)
    venv.create(folder / "venv", with_pip=True)
    binaries = next(path for path in folder.glob("venv/*") if path.name in ("bin", "Scripts"))
    wheel = next(folder.glob("*.whl"))
    subprocess.run([binaries / "python", "-m", "pip", "-q", "install", wheel], check=True)
    return binaries / "ml-training"


def test_knows_its_version(command: Path, tmp_path: Path) -> None:
    assert __version__ in _run(command, tmp_path, "--version")


def test_lists_and_describes(command: Path, tmp_path: Path) -> None:
    assert "text-classification" in _run(command, tmp_path, "list", "tasks")
    assert json.loads(_run(command, tmp_path, "schema"))["properties"]["task"]


def test_writes_a_project(command: Path, tmp_path: Path) -> None:
    written = json.loads(_run(command, tmp_path, "new", "app", "--defaults", "--json"))
    assert all((tmp_path / "app" / name).is_file() for name in written["files"])


def test_knows_what_gpus_cost(command: Path, tmp_path: Path) -> None:
    found = json.loads(_run(command, tmp_path, "prices", "--gpu", "T4", "--json"))
    assert found["prices"][0]["provider"] == "modal"


def _run(command: Path, folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [command, *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout
