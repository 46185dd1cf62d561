"""kill -9 of the launcher at every call that it makes: by the deadline nothing is rented, and nothing is paid twice."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.artifact import changed_files, read_manifest
from tests.rented.clock import VirtualClock
from tests.rented.cloud import Cloud
from tests.rented.providers import CLOUDS

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
CORE = ROOT / "templates" / "project" / "ml"
MAX_COST = 2.0  # USD
ROUND = 60.0  # seconds that a guard may be late
PARALLEL = os.cpu_count() or 1


class Laptop:
    """A model's folder, and a provider of its own."""

    def __init__(self, provider: str, folder: Path) -> None:
        self.provider = provider
        self.model = folder / "trade_classifier"
        self.model.mkdir(parents=True)
        for name in ("train.py", "requirements.txt", "data.csv"):
            (self.model / name).write_text("x\n")
        self.cloud: Cloud = CLOUDS[provider](folder / "machines", VirtualClock())

    def launch(self, step: int = 0, when: str = "after", *options: str) -> int:
        command = [sys.executable, "-m", "tests.rented.launcher", self.provider, self.cloud.url]
        command += [str(self.cloud.root), str(step), when, "--max-cost", str(MAX_COST), *options]
        path = os.pathsep.join(map(str, (ROOT, CORE)))
        done = subprocess.run(
            command,
            cwd=self.model,
            env=os.environ | {"PYTHONPATH": path},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert "Traceback" not in done.stderr, done.stderr
        assert not self.cloud.failures
        self.said = done.stderr
        return done.returncode

    def goes_on(self) -> bool:
        """`--resume` where there is something to go on with, as a job would."""
        runs = [*self.model.glob("runs/*")]
        going = [r for r in runs if (r / "rental.json").exists() or (r / "checkpoints").exists()]
        return bool(going) and not any((run / "manifest.json").exists() for run in runs)

    def is_whole(self) -> bool:
        (run,) = [path.parent for path in self.model.glob("runs/*/manifest.json")]
        return not changed_files(run, read_manifest(run)["files"])


def choose_steps(trace: list[str]) -> list[int]:
    """Every call but those in the middle of a long wait, which are all alike."""
    numbers: dict[str, list[int]] = {}
    for number, name in enumerate(trace, start=1):
        numbers.setdefault(name, []).append(number)
    return sorted({number for all_ in numbers.values() for number in (*all_[:3], *all_[-3:])})


@pytest.fixture(scope="module", params=CLOUDS)
def traced(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, list[int]]:
    """A provider, and at which calls of a training there it is killed."""
    laptop = Laptop(request.param, tmp_path_factory.mktemp("trace"))
    assert laptop.launch() == 0, laptop.said
    laptop.cloud.close()
    trace = (laptop.model / "trace.txt").read_text().splitlines()
    return request.param, choose_steps(trace)


@pytest.mark.parametrize("when", ["before", "after"])
def test_by_the_deadline_nothing_is_rented(
    traced: tuple[str, list[int]], when: str, tmp_path: Path
) -> None:
    provider, steps = traced

    def kill(step: int) -> None:
        laptop = Laptop(provider, tmp_path / str(step))
        assert laptop.launch(step, when) == -signal.SIGKILL, laptop.said
        prices = [machine.usd_per_hour for machine in laptop.cloud.machines.values()]
        assert len(prices) <= 1
        limit = MAX_COST / prices[0] * 3600 if prices else 0.0
        laptop.cloud.clock.sleep(limit + ROUND)
        assert not laptop.cloud.live, step
        assert laptop.cloud.billed_seconds() <= limit + ROUND
        laptop.cloud.close()

    with ThreadPoolExecutor(PARALLEL) as pool:
        list(pool.map(kill, steps))


def test_whoever_launches_again_gets_the_artifact_and_pays_for_one_machine(
    traced: tuple[str, list[int]], tmp_path: Path
) -> None:
    provider, steps = traced

    def kill_and_go_on(step: int) -> None:
        laptop = Laptop(provider, tmp_path / str(step))
        assert laptop.launch(step) == -signal.SIGKILL, laptop.said
        options = ["--resume"] if laptop.goes_on() else []
        if not [*laptop.model.glob("runs/*/manifest.json")]:
            assert laptop.launch(0, "after", *options) == 0, (step, laptop.said)
        assert laptop.is_whole(), step
        assert not laptop.cloud.live
        laptop.cloud.close()

    with ThreadPoolExecutor(PARALLEL) as pool:
        list(pool.map(kill_and_go_on, steps))
