"""`ml-training new` on a terminal: it asks, and an interrupted question leaves nothing behind."""

import os
import select
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.test_cli_frontend import make_app

pty = pytest.importorskip("pty", reason="Windows has no pseudo-terminals")

ENTER, CTRL_C = b"\r", b"\x03"
WHERE, HERE = b"\x1b[6n", b"\x1b[1;1R"  # a program asks for the cursor, the terminal answers


def test_what_is_not_given_is_asked(tmp_path: Path) -> None:
    assert _type(ENTER, tmp_path, "new", "app", "--algorithm", "lora") == 0
    answers = yaml.safe_load((tmp_path / "app/.ml-training.yml").read_text())
    assert (answers["algorithm"], answers["model"]) == ("lora", "trade_classifier")


def test_an_app_that_is_there_is_not_asked_about(tmp_path: Path) -> None:
    make_app(tmp_path)
    assert _type(ENTER, tmp_path, "new", ".") == 0
    answers = yaml.safe_load((tmp_path / "app/ml/.ml-training.yml").read_text())
    assert (answers["component"], answers["next_app"]) == ("frontend", "existing")
    assert "./ml/theme.css" in (tmp_path / "app/globals.css").read_text()


def test_an_interrupted_question_leaves_nothing(tmp_path: Path) -> None:
    assert _type(CTRL_C, tmp_path, "new", "app") == 130
    assert not list(tmp_path.iterdir())


def _type(key: bytes, folder: Path, *arguments: str) -> int:
    """Run the command on a terminal, with one answer to every question."""
    terminal, program = pty.openpty()
    command = [sys.executable, "-m", "ml_training", *arguments]
    process = subprocess.Popen(command, cwd=folder, stdin=program, stdout=program, stderr=program)
    while process.poll() is None:
        if select.select([terminal], [], [], 0.1)[0]:
            if WHERE in os.read(terminal, 65536):
                os.write(terminal, HERE)
        else:
            os.write(terminal, key)
    os.close(program)
    os.close(terminal)
    return process.returncode
