"""What trainings and servers on a rented machine share: the machine, and the end by a signal."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Protocol

from core.errors import ExitCode, ProviderError
from core.machines import Address, Machines, Offer
from core.pricing import choose
from core.rental import KEYS, Rental
from core.renter import POLL, Renter
from core.rest import Clock
from core.run import Stopped
from core.shell import Shell, Ssh, trust

BOOT = 20 * 60  # seconds until a machine can be used


class Interrupted(Exception):
    """Ctrl-C or SIGTERM."""


class Limits(Protocol):
    """Which machine, and what it may cost."""

    gpu: str
    max_cost: float
    max_hourly: float | None


class Rented:
    """
    Args:
        machines: Makes the provider; only what rents needs its key.
        connect: Makes a shell of a machine's address and the folder with its keys.
    """

    def __init__(
        self,
        machines: Callable[[], Machines],
        *,
        connect: Callable[[Address, Path], Shell] = Ssh,
        clock: Clock = time,
    ) -> None:
        self._machines = machines
        self._connect = connect
        self._clock = clock
        self._signal: signal.Signals | None = None
        self._is_waiting = False

    def _renter(self) -> Renter:
        return Renter(self._machines(), clock=self._clock)

    def _choose(self, renter: Renter, limits: Limits, spent: float) -> list[Offer]:
        return choose(
            renter.machines.title,
            renter.machines.offers(),
            gpu=limits.gpu,
            max_hourly=limits.max_hourly,
            max_cost=limits.max_cost,
            spent=spent,
        )

    def _wait_until_ready(self, renter: Renter, folder: Path, rental: Rental) -> Shell:
        until = max(rental.created, self._clock.time()) + BOOT
        said = "it was not found"
        while self._clock.time() < until:
            try:
                machine = renter.find(rental)
                if machine is not None:
                    said = f"it is {machine.state}"
                if machine is not None and machine.address is not None:
                    trust(folder / KEYS, machine.address)
                    shell = self._connect(machine.address, folder / KEYS)
                    shell.ask("state")
                    return shell
            except ProviderError as error:
                said = str(error).rstrip(".")
            self._pause(POLL)
        raise ProviderError(
            f"{rental.name} could not be used within {BOOT // 60} minutes ({said}) and was given"
            " back: try again, or another --gpu."
        )

    @contextmanager
    def _stopped_by_signals(self) -> Iterator[None]:
        """SIGINT and SIGTERM end what waits; elsewhere a step might be half done."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        try:
            yield
        except Interrupted:
            assert self._signal is not None
            raise Stopped(self._signal.name, ExitCode(128 + self._signal)) from None

    def _pause(self, seconds: float) -> None:
        self._is_waiting = True
        try:
            if self._signal is not None:
                raise Interrupted
            self._clock.sleep(seconds)
        finally:
            self._is_waiting = False

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._signal = signal.Signals(number)
        if self._is_waiting:
            raise Interrupted
