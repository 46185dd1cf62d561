"""A training on two nodes, each with a disk of its own; here they are two folders: `pytest -m slow`."""

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from ml_training.catalog import read_catalog
from tests.generated import Model, answers

pytestmark = pytest.mark.slow

KEPT = ("--epochs", "3", "--samples", "150", "--checkpoint-minutes", "0.005")


class Nodes:
    """The same model's folder on two disks."""

    def __init__(self, first: Model, second: Model) -> None:
        self.first = first
        self.second = second

    def start(self, *options: str, second: tuple[str, ...] = ()) -> list[subprocess.Popen[str]]:
        """
        Args:
            second: What only the second node is told.
        """
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = str(probe.getsockname()[1])
        launcher = [*("-m", "torch.distributed.run"), *("--nnodes", "2", "--nproc-per-node", "1")]
        launcher += ["--master-addr", "127.0.0.1", "--master-port", port, "--node-rank"]
        return [
            self.first.start_training(*options, launcher=(*launcher, "0")),
            self.second.start_training(*options, *second, launcher=(*launcher, "1")),
        ]

    def train(self, *options: str, second: tuple[str, ...] = (), is_fine: bool = True) -> list[str]:
        """What each of them said."""
        processes = self.start(*options, second=second)
        try:
            said = [process.communicate(timeout=240)[0] for process in processes]
        finally:
            for process in processes:
                process.kill()
        assert [process.returncode == 0 for process in processes] == [is_fine] * 2, said
        return said

    def kill(self, processes: list[subprocess.Popen[str]]) -> None:
        """What torchrun has started, which ends with that."""
        for process in processes:
            for child in subprocess.check_output(["pgrep", "-P", str(process.pid)]).split():
                os.kill(int(child), signal.SIGKILL)
        for process in processes:
            process.communicate(timeout=60)

    def lose_second(self, disk: Path) -> None:
        """A new machine takes its place."""
        self.second = Model(self.second.folder, disk)


@pytest.fixture
def nodes(render: Callable[..., Path], tmp_path: Path) -> Callable[[str, str], Nodes]:
    def nodes(task: str, algorithm: str) -> Nodes:
        catalog = read_catalog().algorithms
        facts = next(a for a in catalog if (a["task"], a["name"]) == (task, algorithm))
        project = render(**answers(facts, tmp_path))
        (folder,) = [path.parent for path in (project / "ml").glob("*/train.py")]
        copy = shutil.copytree(project, tmp_path / "copy") / folder.relative_to(project)
        return Nodes(Model(folder, tmp_path / "first"), Model(copy, tmp_path / "second"))

    return nodes


def left_on(disk: Path) -> list[Path]:
    return [path for path in disk.glob("*") if path.name != ".cache"]


@pytest.mark.parametrize(
    ("task", "algorithm", "options"),
    [
        ("text-classification", "full", ()),
        ("text-generation", "lora", ("--shard",)),
        ("preference-tuning", "dpo", ()),
        ("forecasting", "lstm", ("--epochs", "40")),
    ],
)
def test_two_nodes_go_on_with_what_the_first_one_has(
    nodes: Callable[[str, str], Nodes],
    tmp_path: Path,
    task: str,
    algorithm: str,
    options: tuple[str, ...],
) -> None:
    both = nodes(task, algorithm)
    processes = both.start(*KEPT, *options)
    both.first.wait_for_checkpoint(processes[0])
    both.kill(processes)
    kept = both.first.events("checkpoint")[-1]["step"]
    before = len(both.first.events("step"))
    both.lose_second(tmp_path / "third")
    both.train("--resume")
    assert [event["processes"] for event in both.first.events("started")] == [2]
    assert [event["processes"] for event in both.first.events("resumed")] == [2]
    assert all(event["step"] > kept for event in both.first.events("step")[before:])
    assert len(both.first.events("finished")) == 1
    assert both.first.manifest["metrics"]
    assert left_on(both.second.runs) == []


def test_the_first_node_says_whether_a_training_goes_on(
    nodes: Callable[[str, str], Nodes],
) -> None:
    both = nodes("text-classification", "full")
    both.train("--debug", second=("--resume",))
    assert [event["processes"] for event in both.first.events("started")] == [2]
    for said in both.train("--resume", is_fine=False):
        assert "error: No unfinished run in" in said


def test_nodes_with_different_data_are_refused(
    nodes: Callable[[str, str], Nodes],
) -> None:
    both = nodes("text-classification", "full")
    data = both.second.folder / "data" / "sample.jsonl"
    data.write_text("\n".join(data.read_text("utf-8").splitlines()[1:]), "utf-8")
    for said in both.train(is_fine=False):
        assert "error: The nodes have different data" in said
    assert left_on(both.first.runs) == left_on(both.second.runs) == []
