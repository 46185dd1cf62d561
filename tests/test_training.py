"""Trains generated projects as a user does, and interrupts them in every way: `pytest -m slow`."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.tiny import TRADES, save_tiny_encoder

pytestmark = pytest.mark.slow

DATA = ("--data", str(TRADES / "train.jsonl"), "--validation", str(TRADES / "val.jsonl"))
SHORT = ("--samples", "320", "--epochs", "2", "--checkpoint-minutes", "0.005")
NEURAL = ["frozen", "lora", "full"]


class Model:
    """The model's folder of a generated project, and a fresh folder for its runs."""

    def __init__(self, folder: Path, runs: Path) -> None:
        self.folder = folder
        self.runs = runs

    def start(self, *options: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "train.py", "--output", str(self.runs), *options],
            cwd=self.folder,
            env=os.environ | {"PYTHONPATH": str(self.folder.parent), "HF_HUB_OFFLINE": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def train(self, *options: str, code: int = 0) -> str:
        process = self.start(*options)
        output, _ = process.communicate(timeout=300)
        assert process.returncode == code, output
        assert "Traceback" not in output
        return output

    @property
    def run(self) -> Path:
        (folder,) = [path for path in self.runs.iterdir() if path.name != ".cache"]
        return folder

    @property
    def manifest(self) -> dict[str, Any]:
        manifest: dict[str, Any] = json.loads((self.run / "manifest.json").read_text("utf-8"))
        return manifest

    def events(self, kind: str) -> list[dict[str, Any]]:
        found = [
            json.loads(line) for path in self.runs.glob("*/events.jsonl") for line in path.open()
        ]
        return [event for event in found if event["event"] == kind]

    def wait_for_step(
        self, process: subprocess.Popen[str], step: int, earlier: Sequence[object] = ()
    ) -> None:
        """By the process itself, not by the one before it, whose steps were `earlier`."""
        while not any(event["step"] >= step for event in self.events("step")[len(earlier) :]):
            assert process.poll() is None, process.communicate()[0]
            time.sleep(0.02)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_encoder(tmp_path_factory.mktemp("tiny") / "bert")


@pytest.fixture
def model(render: Callable[..., Path], tiny: Path, tmp_path: Path) -> Callable[..., Model]:
    def model(algorithm: str, runs: str = "runs") -> Model:
        base = {} if algorithm == "linear" else {"base_model": str(tiny)}
        project = render(task="text-classification", algorithm=algorithm, **base)
        return Model(project / "ml" / "trade_classifier", tmp_path / runs)

    return model


@pytest.mark.parametrize("algorithm", ["linear", *NEURAL])
def test_debug_run_leaves_a_complete_artifact(model: Callable[..., Model], algorithm: str) -> None:
    trained = model(algorithm)
    output = trained.train("--debug", "--samples", "100")
    assert str(trained.run / "report.html") in output
    manifest = trained.manifest
    assert manifest["algorithm"] == algorithm
    names = {path.name for path in trained.run.rglob("*") if path.is_file()}
    assert {"report.html", "README.md", "events.jsonl", "config.json"} <= names
    assert not {name for name in names if name.endswith((".bin", ".pt", ".pkl", ".pth"))} - {
        f"{candidate['name']}.bin" for candidate in manifest["engine"].get("candidates", [])
    }
    assert [event["event"] for event in trained.events("finished")] == ["finished"]


def test_neural_model_is_shown_beside_the_linear_one(model: Callable[..., Model]) -> None:
    trained = model("full")
    trained.train("--debug")
    assert trained.manifest["baseline"]["name"] == "TF-IDF + logistic regression"
    assert "baseline" in (trained.run / "report.html").read_text("utf-8")


@pytest.mark.parametrize(("algorithm", "kill_at", "stop_at"), [("lora", 8, 25), ("full", 19, 20)])
def test_killed_run_ends_with_the_same_weights(
    model: Callable[..., Model], algorithm: str, kill_at: int, stop_at: int
) -> None:
    whole, broken = model(algorithm, "whole"), model(algorithm, "broken")
    whole.train(*DATA, *SHORT)

    process = broken.start(*DATA, *SHORT)
    broken.wait_for_step(process, kill_at)
    process.kill()
    process.communicate()
    earlier = broken.events("step")
    process = broken.start("--resume")
    broken.wait_for_step(process, stop_at, earlier)
    process.terminate()
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM
    assert "Go on with: python train.py --resume" in output
    broken.train("--resume")

    weights = "weights/model.safetensors"
    assert (broken.run / weights).read_bytes() == (whole.run / weights).read_bytes()
    assert broken.manifest["metrics"] == whole.manifest["metrics"]


def test_ctrl_c_keeps_a_checkpoint(model: Callable[..., Model]) -> None:
    trained = model("full")
    process = trained.start(*DATA, *SHORT)
    trained.wait_for_step(process, 5)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert "manifest.json" not in {path.name for path in trained.run.iterdir()}
    trained.train("--resume")


def test_time_limit_has_its_own_exit_code(model: Callable[..., Model]) -> None:
    trained = model("full")
    trained.train(*DATA, "--epochs", "200", "--patience", "200", "--max-minutes", "0.1", code=4)
    assert trained.events("checkpoint")


def test_resume_refuses_other_settings(model: Callable[..., Model]) -> None:
    trained = model("full")
    trained.train(*DATA, *SHORT, "--max-minutes", "0.001", code=4)
    assert "another --epochs" in trained.train("--resume", "--epochs", "3", code=2)


def test_nothing_to_resume_is_said(model: Callable[..., Model]) -> None:
    assert "No unfinished run" in model("linear").train("--resume", code=2)


@pytest.mark.parametrize("algorithm", NEURAL)
@pytest.mark.parametrize("name", ["nobody/no-such-encoder", "./no/such/folder"])
def test_missing_base_model_is_one_sentence(
    model: Callable[..., Model], algorithm: str, name: str
) -> None:
    trained = model(algorithm)
    output = trained.train("--base-model", name, code=5)
    assert len(output.strip().splitlines()) == 1
    assert name in output
    assert not trained.runs.exists()


def test_wrong_data_is_refused_before_anything_is_written(
    model: Callable[..., Model], tmp_path: Path
) -> None:
    (tmp_path / "bad.jsonl").write_text('{"text": "", "label": "a"}\n{"text": "x"}\n')
    trained = model("full")
    output = trained.train("--data", str(tmp_path / "bad.jsonl"), code=3)
    assert "row 1" in output and "row 2" in output
    assert not trained.runs.exists()


def test_unknown_option_names_the_nearest(model: Callable[..., Model]) -> None:
    assert "did you mean --epochs?" in model("full").train("--epoch", "3", code=2)


def test_generated_tests_pass(model: Callable[..., Model]) -> None:
    for algorithm in ["linear", *NEURAL]:
        folder = model(algorithm).folder
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(folder.parent)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
