"""What a training with Lightning does when it is killed, full, late, or in two processes: `pytest -m slow`."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from core.errors import ExitCode, UserError
from core.run import Run, Stopped, reopen
from core.settings import RunSettings

torch = pytest.importorskip("torch")
pytest.importorskip("lightning")
from torch import nn

from core.fit import CHECKPOINT, fit

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[1]
TRAIN = "import sys; from tests.test_fit import train; train(sys.argv[1:])"
TOGETHER = """
import sys
from core.processes import Joined
from tests.test_fit import Exact, train
try:
    train(sys.argv[1:], Exact())
except Joined:
    pass
"""


class Settings(RunSettings):
    epochs: int = 3
    batch: int = 8
    learning_rate: float = 1e-2
    weight_decay: float = 0.01
    warmup: float = 0.1
    patience: int = 3
    checkpoint_minutes: float = 5.0
    bf16: bool | None = False
    pause: float = 0.0  # seconds, in each step


class Comparison:
    """Which of two numbers is larger, learned from blurred ones."""

    metric = "accuracy"
    higher_is_better = True

    def __init__(self, pause: float = 0.0) -> None:
        self.pause = pause

    def build(self) -> nn.Module:
        network = nn.Sequential(
            nn.Linear(2, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 2)
        )
        return network.eval()  # as from_pretrained does

    def collate(self, examples: list[Any]) -> Any:
        pairs = torch.tensor([pair for pair, _ in examples])
        return {
            "pairs": pairs + torch.randn_like(pairs) * 0.01,
            "labels": torch.tensor([label for _, label in examples]),
        }

    def loss(self, network: nn.Module, batch: Any) -> Any:
        time.sleep(self.pause)
        return nn.functional.cross_entropy(network(batch["pairs"]), batch["labels"])

    def predict(self, network: nn.Module, batch: Any) -> Any:
        return (network(batch["pairs"]).argmax(1) == batch["labels"]).cpu()

    def score(self, outputs: list[Any]) -> dict[str, float]:
        return {"accuracy": float(torch.cat(outputs).float().mean())}


class Exact(Comparison):
    """Without chance and running means: what is computed in parts is the same."""

    def __init__(self, room: int = 1000) -> None:
        super().__init__()
        self.room = room  # examples that fit into memory at a time
        self.seen: list[int] = []

    def build(self) -> nn.Module:
        return nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 2))

    def collate(self, examples: list[Any]) -> Any:
        pairs, labels = zip(*examples, strict=True)
        return {"pairs": torch.tensor(pairs), "labels": torch.tensor(labels)}

    def loss(self, network: nn.Module, batch: Any) -> Any:
        self.seen.append(len(batch["labels"]))
        if len(batch["labels"]) > self.room:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        return super().loss(network, batch)


class Frozen(Comparison):
    """Its first layer stays as it was built."""

    def build(self) -> nn.Module:
        torch.manual_seed(0)
        network = super().build()
        network.get_submodule("0").requires_grad_(False)
        return network


class Comparing(Exact):
    """Needs its batches whole, and makes room for them itself."""

    def compute_at_most(self, examples: int) -> None:
        self.room = 1000 if examples <= 2 else 0


class Constant(Comparison):
    """Gets no better than it is, however long it is trained."""

    def __init__(self, score: float) -> None:
        super().__init__()
        self.constant = score

    def score(self, outputs: list[Any]) -> dict[str, float]:
        return {"accuracy": self.constant}


def examples(count: int) -> list[Any]:
    drawn = torch.rand(count, 2, generator=torch.Generator().manual_seed(count))
    return [(pair.tolist(), int(pair[0] > pair[1])) for pair in drawn]


def train(options: list[str], learner: Any = None) -> tuple[dict[str, Any], Run]:
    settings = Settings.from_arguments(["--data", "-", *options])
    settings, folder = reopen(settings) if settings.resume else (settings, None)
    run = Run(settings, folder)
    run.start("fingerprint", in_parallel=True)
    learner = learner or Comparison(settings.pause)
    network = fit(learner, examples(60), examples(21), settings, run)
    torch.save(network.state_dict(), run.folder / "weights")
    return network.state_dict(), run


def start(*command: str) -> subprocess.Popen[bytes]:
    paths = os.pathsep.join(map(str, (ROOT, ROOT / "templates/project/ml")))
    return subprocess.Popen([sys.executable, *command], env=os.environ | {"PYTHONPATH": paths})


def same(first: dict[str, Any], second: dict[str, Any]) -> bool:
    return all(torch.equal(weight, second[name]) for name, weight in first.items())


def test_stopped_after_each_step_ends_with_the_same_weights(tmp_path: Path) -> None:
    whole, _ = train(["--output", str(tmp_path / "whole")])
    options = ["--output", str(tmp_path / "broken")]
    for stops in range(24):
        with pytest.raises(Stopped) as stop:
            train([*options, "--max-minutes", "0.00001", *["--resume"] * (stops > 0)])
        assert stop.value.exit_code == ExitCode.STOPPED
    broken, run = train([*options, "--max-minutes", "9", "--resume"])
    assert [event["step"] for event in run.events("checkpoint")] == list(range(1, 25))
    assert same(whole, broken)


def test_killed_training_ends_with_the_same_weights(tmp_path: Path) -> None:
    whole, _ = train(["--output", str(tmp_path / "whole")])
    options = ["--output", str(tmp_path / "broken"), "--pause", "0.02"]
    process = start("-c", TRAIN, *options, "--checkpoint-minutes", "0")
    while not list(tmp_path.glob(f"broken/*/checkpoints/{CHECKPOINT}")):
        time.sleep(0.01)
    time.sleep(0.3)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    (half,) = tmp_path.glob("broken/*/checkpoints")
    half.joinpath("last.part").write_bytes(b"PK")  # as a kill in the middle of a checkpoint leaves
    broken, run = train(["--output", str(tmp_path / "broken"), "--resume"])
    assert 0 < run.events("checkpoint")[0]["step"] < 24
    assert same(whole, broken)


def test_signal_keeps_a_checkpoint(tmp_path: Path) -> None:
    process = start("-c", TRAIN, "--output", str(tmp_path), "--pause", "0.05")
    while not any("step" in path.read_text() for path in tmp_path.glob("*/events.jsonl")):
        time.sleep(0.01)
    process.terminate()
    assert process.wait() == 1  # Stopped, which core.command makes an exit code of
    assert [path.name for path in tmp_path.glob("*/checkpoints/*.ckpt")] == [CHECKPOINT]


def test_two_processes_learn_what_one_does(tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text(TOGETHER)
    one, alone = train(["--output", str(tmp_path / "one")], Exact())
    torchrun = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")
    process = start(*torchrun, str(script), "--output", str(tmp_path / "two"))
    assert process.wait(120) == 0
    (weights,) = tmp_path.glob("two/*/weights")
    two = torch.load(weights, weights_only=True)
    events = weights.with_name("events.jsonl").read_text()
    assert '"processes": 2' in events
    assert events.count('"evaluation"') == len(alone.events("evaluation"))
    for name, weight in one.items():
        torch.testing.assert_close(weight, two[name], atol=1e-5, rtol=1e-4)


def test_memory_halves_the_part_and_keeps_the_gradient(tmp_path: Path) -> None:
    tight = Exact(room=2)
    whole, _ = train(["--output", str(tmp_path / "roomy")], Exact())
    parts, run = train(["--output", str(tmp_path / "tight")], tight)
    assert [count for count in tight.seen if count > 2] == [8, 4]  # found before step 1
    assert [event["message"].split()[0] for event in run.events("warning")] == ["8", "4"]
    for name, weight in whole.items():
        torch.testing.assert_close(weight, parts[name], atol=1e-5, rtol=1e-4)


def test_a_batch_that_is_compared_stays_whole(tmp_path: Path) -> None:
    tight = Comparing()
    whole, _ = train(["--output", str(tmp_path / "roomy")], Exact())
    in_parts, run = train(["--output", str(tmp_path / "tight")], tight)
    assert same(whole, in_parts)
    assert len(run.warnings) == 2  # 8 and 4 at a time
    assert min(tight.seen) >= 7  # 60 examples are dealt out over 8 batches, 21 over 3


def test_no_room_for_one_example_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="Not even one example"):
        train(["--output", str(tmp_path)], Exact(room=0))


def test_stops_early_with_the_best_weights(tmp_path: Path) -> None:
    options = ["--output", str(tmp_path), "--epochs", "9", "--patience", "2"]
    weights, run = train(options, Constant(0.5))
    assert [event["step"] for event in run.events("evaluation")] == [8, 16, 24]
    saved = torch.load(run.checkpoints / CHECKPOINT, weights_only=True)
    assert same(weights, saved["best_weights"])
    assert not same(weights, saved["network"])


def test_checkpoints_leave_out_what_is_frozen(tmp_path: Path) -> None:
    whole, _ = train(["--output", str(tmp_path / "whole")], Frozen())
    options = ["--output", str(tmp_path / "broken")]
    with pytest.raises(Stopped):
        train([*options, "--max-minutes", "0.00001"], Frozen())
    (checkpoint,) = tmp_path.glob(f"broken/*/checkpoints/{CHECKPOINT}")
    saved = torch.load(checkpoint, weights_only=True)
    assert not {"0.weight", "0.bias"} & saved["network"].keys()
    broken, _ = train([*options, "--max-minutes", "9", "--resume"], Frozen())
    assert torch.equal(broken["0.weight"], Frozen().build().state_dict()["0.weight"])
    assert same(whole, broken)


def test_divergence_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="diverged"):
        train(["--output", str(tmp_path)], Constant(float("nan")))


def test_debug_takes_few_steps(tmp_path: Path) -> None:
    weights, run = train(["--output", str(tmp_path), "--debug", "--batch", "2", "--epochs", "9"])
    assert weights["1.num_batches_tracked"] == 20
    assert run.events("step")[-1]["step"] == 20
    assert len(run.events("evaluation")) == 1


def test_debug_takes_one_epoch(tmp_path: Path) -> None:
    _, run = train(["--output", str(tmp_path), "--debug", "--epochs", "3"])
    assert run.events("step")[-1]["epoch"] == 1
    assert len(run.events("evaluation")) == 1


def test_says_what_happens_and_leaves_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    _, run = train(["--output", "runs"])
    step = run.events("step")[4]
    assert (step["step"], step["total_steps"]) == (5, 24)
    assert {"epoch", "loss", "learning_rate", "samples_per_second", "eta_seconds"} <= step.keys()
    assert run.events("evaluation")[0]["metrics"].keys() == {"loss", "accuracy"}
    assert [event["step"] for event in run.events("checkpoint")] == [8, 16, 24]
    files = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert files == {"events.jsonl", "config.json", "data.json", "weights", CHECKPOINT}
    said = capfd.readouterr()
    assert said.out == ""
    assert not [line for line in said.err.splitlines() if line and "step/s" not in line]
