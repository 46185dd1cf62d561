"""What is wrong with the environment is said in one sentence, and a waiting worker can be ended."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

NOWHERE = {"DATABASE_URL": "postgresql://a:b@127.0.0.1:1/c"}


def start(module: str, folder: Path, **environment: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", module],
        env=os.environ | {"ML_DATA_DIR": str(folder)} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(
    ("module", "environment", "sentence"),
    [
        ("app.main", {}, "No database: set DATABASE_URL"),
        ("app.main", NOWHERE, "The database cannot be reached: "),
        ("app.main", {"DATABASE_URL": "nonsense"}, "The database cannot be reached: invalid DSN"),
        ("app.migrate", {"DATABASE_URL": "nonsense"}, "The database cannot be reached: "),
        ("app.main", {"PORT": "abc"}, "PORT: Input should be a valid integer"),
        ("app.worker", {"WORKER_JOBS": "0"}, "WORKER_JOBS: Input should be greater than"),
    ],
)
def test_a_wrong_environment_is_one_sentence(
    tmp_path: Path, module: str, environment: dict[str, str], sentence: str
) -> None:
    process = start(module, tmp_path, **environment)
    out, error = process.communicate(timeout=60)
    assert process.returncode == 1
    assert error.startswith(sentence)
    assert (error.count("\n"), out) == (1, "")


def test_a_worker_that_waits_for_its_database_can_be_ended(tmp_path: Path) -> None:
    with start("app.worker", tmp_path, **NOWHERE) as process:
        assert process.stdout
        assert "does not answer" in process.stdout.readline()
        process.terminate()
        assert process.wait(10) != 0
