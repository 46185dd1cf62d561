"""A training in several processes: `pytest -m slow`."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ml_training.catalog import read_catalog
from tests.generated import Model, answers, known
from tests.tiny import save_tiny_encoder

pytestmark = pytest.mark.slow

ROOT = read_catalog().root
TEMPLATES = ROOT / "templates"
OPTIONS = ("--epochs", "3", "--learning-rate", "2e-3", "--no-bf16")


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_encoder(tmp_path_factory.mktemp("base") / "tiny")


@pytest.fixture
def model(render: Callable[..., Path], base: Path, tmp_path: Path) -> Callable[..., Model]:
    def model(algorithm: str, runs: str) -> Model:
        given = {} if algorithm == "linear" else {"base_model": str(base)}
        project = render(task="text-classification", algorithm=algorithm, **given)
        return Model(project / "ml/trade_classifier", tmp_path / runs)

    return model


TORCHRUN = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")


def start_two(model: Model, *options: str) -> subprocess.Popen[str]:
    return model.start_training(*options, launcher=TORCHRUN)


def stop(process: subprocess.Popen[str]) -> None:
    """Kill what torchrun has started, which ends with that."""
    for child in subprocess.check_output(["pgrep", "-P", str(process.pid)], text=True).split():
        os.kill(int(child), signal.SIGKILL)
    process.wait(60)


def losses(model: Model) -> list[float]:
    return [event["metrics"]["loss"] for event in model.events("evaluation")]


@pytest.mark.parametrize("algorithm", ["full", "lora"])
def test_two_processes_learn_what_one_does(model: Callable[..., Model], algorithm: str) -> None:
    one, two = model(algorithm, "one"), model(algorithm, "two")
    one.train(*OPTIONS)
    process = start_two(two, *OPTIONS)
    said, _ = process.communicate(timeout=280)
    assert process.returncode == 0, said
    assert [event["processes"] for event in two.events("started")] == [2]
    assert [event["processes"] for event in one.events("started")] == [1]
    assert losses(two) == pytest.approx(losses(one), abs=0.01)
    steps = [event["total_steps"] for event in two.events("step")]
    assert steps == [event["total_steps"] for event in one.events("step")]  # the batch is shared
    assert len(two.events("finished")) == 1
    assert two.manifest["config"] | {"output": ""} == one.manifest["config"] | {"output": ""}


@pytest.mark.parametrize("algorithm", ["full", "lora"])
def test_a_model_spread_over_two_processes_learns_the_same(
    model: Callable[..., Model], algorithm: str
) -> None:
    whole, parts = model(algorithm, "whole"), model(algorithm, "parts")
    assert start_two(whole, *OPTIONS).wait(280) == 0
    process = start_two(parts, *OPTIONS, "--shard", "--checkpoint-minutes", "0.005")
    parts.wait_for_checkpoint(process)
    stop(process)
    assert list(parts.run.glob("checkpoints/*/pytorch_model_fsdp*"))  # it was spread
    resumed = start_two(parts, "--resume")
    said, _ = resumed.communicate(timeout=280)
    assert resumed.returncode == 0, said
    assert losses(parts) == pytest.approx(losses(whole), abs=1e-4)
    assert parts.manifest["metrics"] == pytest.approx(whole.manifest["metrics"], abs=1e-4)


def networks() -> Iterator[tuple[str, str, bool]]:
    """Task and algorithm of all that trains a network, and whether it can be spread."""
    for facts in read_catalog().algorithms:
        task, algorithm = facts["task"], facts["name"]
        config = TEMPLATES / "tasks" / task / algorithm / "config.py"
        if {"fit", "finetune"} & set(facts["needs"]):
            yield task, algorithm, False
            if "    shard: bool" in config.read_text("utf-8"):
                yield task, algorithm, True


@pytest.mark.parametrize(("task", "algorithm", "shard"), [*networks()])
def test_every_network_is_trained_by_two_processes(
    render: Callable[..., Path], tmp_path: Path, task: str, algorithm: str, shard: bool
) -> None:
    facts = {"task": task, "name": algorithm}
    if hasattr(known(task), "save_base_model"):
        facts["base_model"] = "tiny"
    project = render(**answers(facts, tmp_path))
    (folder,) = [path.parent for path in (project / "ml").glob("*/train.py")]
    model = Model(folder, tmp_path / "runs")
    options = getattr(known(task), "SHORT", {}).get(algorithm, ("--debug",))
    process = start_two(model, *options, *(["--shard"] if shard else []))
    said, _ = process.communicate(timeout=280)
    assert process.returncode == 0, said
    assert [event["processes"] for event in model.events("started")] == [2]
    assert len(model.events("finished")) == 1
    assert model.manifest["metrics"]


# Of two processes the second one has room for four texts.
UNEVEN = """
import sys
from pathlib import Path
from core import processes
from core.finetune import finetune
from core.run import Run
from tests.test_finetune import Settings, SmallMemory
encoder, output = map(Path, sys.argv[1:])
settings = Settings.from_arguments(["--data", "-", "--output", str(output)])
task, run = SmallMemory(encoder, 4 if processes.rank() else 12), Run(settings)
run.start("fingerprint", in_parallel=True)
finetune(task, task.examples(), task.examples()[:10], settings, run)
run.event("finished")
"""


def test_memory_that_one_process_lacks_is_known_to_all(base: Path, tmp_path: Path) -> None:
    (tmp_path / "uneven.py").write_text(UNEVEN)
    path = os.pathsep.join([str(ROOT), str(TEMPLATES / "project/ml")])
    done = subprocess.run(
        [sys.executable, *TORCHRUN, "uneven.py", str(base), "runs"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert "6 examples at a time do not fit into memory: halving them." in done.stderr
    (events,) = tmp_path.glob("runs/*/events.jsonl")
    assert '"finished"' in events.read_text("utf-8"), done.stderr


def test_one_process_has_nothing_to_spread(model: Callable[..., Model]) -> None:
    alone = model("full", "alone")
    assert "torchrun --nproc-per-node N" in alone.train("--shard", code=2)
    assert not alone.runs.exists()


def test_killed_processes_resume_together(model: Callable[..., Model]) -> None:
    options = (*OPTIONS, "--checkpoint-minutes", "0.005")
    whole, broken = model("full", "whole"), model("full", "broken")
    assert start_two(whole, *options).wait(200) == 0
    process = start_two(broken, *options)
    broken.wait_for_checkpoint(process)
    stop(process)
    resumed = start_two(broken, "--resume")
    said, _ = resumed.communicate(timeout=200)
    assert resumed.returncode == 0, said
    name = "weights/model.safetensors"
    assert (broken.run / name).read_bytes() == (whole.run / name).read_bytes()


def test_all_processes_stop_in_time(model: Callable[..., Model]) -> None:
    stopped = model("full", "stopped")
    process = start_two(stopped, "--epochs", "500", "--patience", "500", "--max-minutes", "0.2")
    said, _ = process.communicate(timeout=120)
    assert process.returncode != 0
    assert "--max-minutes 0.2 is over" in said
    assert [event["reason"] for event in stopped.events("stopped")] == ["--max-minutes 0.2 is over"]
    assert stopped.events("checkpoint")


@pytest.mark.parametrize(
    ("algorithm", "variables", "words"),
    [
        ("linear", {"WORLD_SIZE": "2", "RANK": "0"}, "This algorithm trains in one process"),
        ("full", {"OMPI_COMM_WORLD_SIZE": "2"}, "use torchrun --nproc-per-node N train.py"),
    ],
)
def test_a_wrong_start_is_one_sentence(
    model: Callable[..., Model],
    algorithm: str,
    variables: dict[str, str],
    words: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    said = model(algorithm, "wrong").train(code=2)
    assert words in said
    assert not model(algorithm, "wrong").runs.exists()
