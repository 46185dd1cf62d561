"""Trains generated projects as a user does, and interrupts them in every way: `pytest -m slow`."""

import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.generated import Model, install
from tests.tiny import TRADES, save_tiny_encoder

pytestmark = pytest.mark.slow

DATA = ("--data", str(TRADES / "train.jsonl"), "--validation", str(TRADES / "val.jsonl"))
SHORT = ("--samples", "320", "--epochs", "2", "--checkpoint-minutes", "0.005")
NEURAL = ["frozen", "lora", "full"]


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


def test_events_end_once(model: Callable[..., Model]) -> None:
    trained = model("linear")
    trained.train("--debug", "--samples", "100")
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

    process = broken.start_training(*DATA, *SHORT)
    broken.wait_for_step(process, kill_at)
    process.kill()
    process.communicate()
    earlier = broken.events("step")
    process = broken.start_training("--resume")
    broken.wait_for_step(process, stop_at, earlier)
    process.terminate()
    output, _ = process.communicate(timeout=200)
    assert process.returncode == 128 + signal.SIGTERM
    assert "Go on with: python train.py --resume" in output
    broken.train("--resume")

    weights = "weights/model.safetensors"
    assert (broken.run / weights).read_bytes() == (whole.run / weights).read_bytes()
    assert broken.manifest["metrics"] == whole.manifest["metrics"]


def test_ctrl_c_keeps_a_checkpoint(model: Callable[..., Model]) -> None:
    trained = model("full")
    process = trained.start_training(*DATA, *SHORT)
    trained.wait_for_step(process, 5)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=200)
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
    model: Callable[..., Model], tmp_path: Path, algorithm: str, name: str
) -> None:
    trained = model(algorithm)
    # Packages that only other models install have something to say, too.
    trained.python = install(trained.folder / "requirements.txt", tmp_path / "venv")
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
