"""What the tests share: the command line in this process, and projects that are generated once."""

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ml_training.apply import create
from ml_training.catalog import Catalog, read_catalog
from ml_training.cli import main
from ml_training.plan import Plan, Questionnaire

MEMORY = "/dev/shm"  # Linux's
NEEDED = 2**30  # bytes; a run takes a tenth of that at a time


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Outcome]


def pytest_configure(config: pytest.Config) -> None:
    if config.option.markexpr.strip() == "not slow":
        # Who speaks TLS is slow: else a client need not read the certificates of the world each time.
        os.environ.pop("SSL_CERT_FILE", None)
        os.environ["SSL_CERT_DIR"] = os.devnull
        _spare_the_disk()


def _spare_the_disk() -> None:
    """A run writes forty thousand small files: into memory, where there is a folder for that."""
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > NEEDED:
        os.environ.setdefault("TMPDIR", MEMORY)
        tempfile.tempdir = None  # it may have been looked up before


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """A module that is slow as a whole is not even imported: torch alone takes seconds."""
    if config.option.markexpr.strip() != "not slow" or collection_path.suffix != ".py":
        return None
    return "\npytestmark = pytest.mark.slow\n" in collection_path.read_text("utf-8") or None


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `ml-training` in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["ml-training", *arguments])
        with pytest.raises(SystemExit) as exit_:
            main()
        printed = capsys.readouterr()
        return Outcome(int(exit_.value.code or 0), printed.out, printed.err)

    return run


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return read_catalog()


@pytest.fixture(scope="session")
def render(catalog: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Generates a project or a component once for each set of answers."""
    projects: dict[tuple[tuple[str, str], ...], Path] = {}

    def render(**given: str) -> Path:
        key = tuple(given.items())
        if key not in projects:
            name = "-".join(Path(value).name for value in given.values())
            folder = tmp_path_factory.mktemp("rendered") / name
            answers = Questionnaire(catalog).resolve(given, folder=name)
            create(catalog, Plan(folder, answers))
            projects[key] = folder
        return projects[key]

    return render
