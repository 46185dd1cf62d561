"""What is wrong with the environment is said in one sentence, and a waiting worker can be ended."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app import main, migrate
from app.core import logs
from app.worker import __main__ as worker

NOWHERE = {"DATABASE_URL": "postgresql://a:b@127.0.0.1:1/c"}


def start(module: str, folder: Path, **environment: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", module],
        env=os.environ | {"ML_DATA_DIR": str(folder)} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_process_ends_with_one_sentence(tmp_path: Path) -> None:
    process = start("app.main", tmp_path)
    out, error = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, "")
    assert error.startswith("No database: set DATABASE_URL")
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("run", "environment", "sentence"),
    [
        (main.main, NOWHERE, "The database cannot be reached: "),
        (main.main, {"DATABASE_URL": "nonsense"}, "The database cannot be reached: invalid DSN"),
        (migrate.main, {"DATABASE_URL": "nonsense"}, "The database cannot be reached: "),
        (main.main, {"PORT": "abc"}, "PORT: Input should be a valid integer"),
        (worker.main, {"WORKER_JOBS": "0"}, "WORKER_JOBS: Input should be greater than"),
    ],
)
def test_a_wrong_environment_is_one_sentence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    run: Callable[[], str | None],
    environment: dict[str, str],
    sentence: str,
) -> None:
    monkeypatch.setattr(logs, "configure", lambda: None)  # it is for a whole process
    monkeypatch.setenv("ML_DATA_DIR", str(tmp_path))
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as end:
        sys.exit(run())
    assert str(end.value.code).startswith(sentence)
    assert "\n" not in str(end.value.code)
    assert capsys.readouterr() == ("", "")


def test_a_worker_that_waits_for_its_database_can_be_ended(tmp_path: Path) -> None:
    with start("app.worker", tmp_path, **NOWHERE) as process:
        assert process.stdout
        assert "does not answer" in process.stdout.readline()
        process.terminate()
        assert process.wait(10) != 0
