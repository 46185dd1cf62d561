"""`python train.py --cloud` with a told training and a told time, in this process or in one that is killed.

python -m tests.rented.launcher PROVIDER URL ROOT STEP WHEN OPTION…    # killed at call STEP, 0 for never
"""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import IO, Any

import httpx

from core.command import Task, run_training
from core.findings import Findings
from core.machines import Address, Machines
from core.rented_training import RentedTraining
from core.rest import Clock
from core.run import Run
from core.settings import RunSettings
from tests.rented.clock import RemoteClock
from tests.rented.cloud import KEY
from tests.rented.machine import DirectShell, Text
from tests.rented.providers import make_machines


class Config(RunSettings):
    data: str = "data.csv"
    epochs: int = 3


def load(config: RunSettings, findings: Findings) -> None:
    if not Path(config.data).read_text():
        raise AssertionError("checked before this")


def train(config: RunSettings, run: Run) -> Path:
    raise AssertionError("nothing trains here")


TASK = Task("task", "Task", "fake", ["text"], "accuracy", Config, Text, Text, load, train)


def launch(
    provider: str,
    url: str,
    root: Path,
    clock: Clock,
    arguments: list[str],
    around: "Callable[[DirectShell], Any]" = lambda shell: shell,
    key: str = KEY,
    task: Task[Any] = TASK,
) -> int:
    """Train in the current folder, a model's; the exit code."""

    def machines() -> Machines:
        return make_machines(provider, key, url, clock)

    def connect(address: Address, keys: Path) -> Any:
        assert (keys / "known_hosts").exists()
        return around(DirectShell(root, address, clock))

    elsewhere = RentedTraining(machines, provider, connect=connect, clock=clock)
    return run_training(task, ["--cloud", *arguments], elsewhere=elsewhere)


class Killer:
    """Counts the calls that leave this process, and kills it with -9 at one of them."""

    def __init__(self, step: int, when: str) -> None:
        self.step, self.when = step, when
        self.trace: list[str] = []

    def call(self, name: str, act: Callable[[], Any]) -> Any:
        self.trace.append(name)
        if len(self.trace) == self.step and self.when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = act()
        if len(self.trace) == self.step:
            os.kill(os.getpid(), signal.SIGKILL)
        return result


class CountedShell:
    def __init__(self, shell: DirectShell, killer: Killer) -> None:
        self._shell, self._killer = shell, killer

    def read(self, *command: str) -> Iterator[bytes]:
        return iter(self._killer.call(command[0], lambda: [*self._shell.read(*command)]))

    def ask(self, *command: str, given: object = None) -> Any:
        return self._killer.call(command[0], lambda: self._shell.ask(*command, given=given))

    def send(self, source: IO[bytes], *command: str) -> None:
        self._killer.call(command[0], lambda: self._shell.send(source, *command))


class CountedTransport(httpx.HTTPTransport):
    """What a client sends to the provider."""

    killer: Killer

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        send = super().handle_request
        if request.url.path == "/clock":
            return send(request)
        name = f"{request.method} {request.url.path}"
        answered: httpx.Response = self.killer.call(name, lambda: send(request))
        return answered


def main() -> int:
    provider, url, root, step, when, *options = sys.argv[1:]
    assert url.startswith("http://127.0.0.1:")
    killer = Killer(int(step), when)
    CountedTransport.killer = killer
    httpx.Client = partial(httpx.Client, transport=CountedTransport())  # type: ignore[misc, assignment]
    code = launch(
        provider,
        url,
        Path(root),
        RemoteClock(url),
        options,
        lambda shell: CountedShell(shell, killer),
    )
    Path("trace.txt").write_text("\n".join(killer.trace))
    return code


if __name__ == "__main__":
    sys.exit(main())
