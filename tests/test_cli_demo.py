"""`ml-training demo`: the whole way works, and a step that fails is one sentence."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Run


@pytest.mark.slow
def test_demo_ends_with_a_prediction_and_a_report(run: Run) -> None:
    outcome = run("demo", "demo")
    assert outcome.code == 0, outcome.err
    assert "Electrician" in outcome.out
    assert list(Path("demo/ml/trade_classifier").glob("runs/*/report.html"))


def test_a_step_that_fails_is_one_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = subprocess.CompletedProcess[bytes]([sys.executable], 1)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    outcome = run("demo", "demo")
    assert outcome.code == 4
    assert outcome.err.startswith("error: Installing failed: see")


def test_an_occupied_folder_is_refused_before_anything_starts(run: Run) -> None:
    Path("demo").mkdir()
    Path("demo/mine").touch()
    assert run("demo", "demo").code == 3
