"""Train on a rented machine: rent, send, follow, bring home, and give it back whatever happens."""

import math
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

from core.command import Task
from core.errors import ExitCode, ProviderError, UserError
from core.findings import Findings
from core.machines import Address, Machines
from core.mirror import has_arrived, note, publish
from core.parcel import find_sources
from core.pricing import choose
from core.records import write_json
from core.remote_run import RemoteRun
from core.rental import KEYS, Rental
from core.rental_settings import RentalSettings, extend, to_arguments
from core.renter import POLL, Renter
from core.rest import Clock
from core.run import Stopped, join_job, new_folder, reopen, spent
from core.settings import RunSettings
from core.shell import Shell, Ssh, Unreachable, trust

Config = TypeVar("Config", bound=RunSettings)
BOOT = 20 * 60  # seconds until a machine can be used
RESERVE = 10 * 60  # seconds before the deadline that are left to bring things home
# What this machine decides, whatever the run was started with.
OWN = {*RentalSettings.model_fields} - {*RunSettings.model_fields} | {"max_minutes", "output"}


class Interrupted(Exception):
    """Ctrl-C or SIGTERM."""


class RentedTraining:
    """What `python train.py --cloud` does.

    Args:
        machines: Makes the provider; only a training needs its key.
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

    def extend(self, config: type[Config]) -> type[Config]:
        return extend(config)

    def train(self, task: Task[Any], settings: Any) -> Path:
        """
        Raises:
            UserError: It failed, and nothing is rented any more.
            Stopped: A signal came, or the money is spent; what it takes to go on is here.
        """
        settings = settings.model_copy(update=find_sources(settings, Path.cwd()))
        _check_data(task, settings)
        renter = Renter(self._machines(), clock=self._clock)
        run = None
        if settings.resume:
            before, run = reopen(settings)
            settings = before.model_copy(update={name: getattr(settings, name) for name in OWN})
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        try:
            return self._go_on(renter, settings, run)
        except Interrupted:
            assert self._signal is not None
            raise Stopped(self._signal.name, ExitCode(128 + self._signal)) from None

    def _go_on(self, renter: Renter, settings: Any, run: Path | None) -> Path:
        """From wherever it ended, by a kill as well: each step leaves what the next one needs."""
        rental = Rental.read(run) if run else None
        if rental is None or renter.find(rental) is None:
            if run and has_arrived(run):
                return self._publish(renter, run)
            run = run or new_folder(Path(settings.output))
            renter.forget(run)
            rental = self._rent(renter, settings, run)
        else:
            assert run is not None
            print(f"{rental.name} is still rented: going on with it.")
            join_job(run)
        with renter.ending(rental, run):
            self._train(renter, settings, run, rental)
        return self._publish(renter, run)

    def _publish(self, renter: Renter, run: Path) -> Path:
        """An artifact appears once its machine is gone: whoever has one pays for nothing any more."""
        artifact = publish(run)
        renter.forget(run)
        return artifact

    def _rent(self, renter: Renter, settings: Any, run: Path) -> Rental:
        gone = spent([run])
        offers = choose(
            renter.machines.title,
            renter.machines.offers(),
            gpu=settings.gpu,
            max_hourly=settings.max_hourly,
            max_cost=settings.max_cost,
            spent=gone,
        )
        is_new = not run.exists()
        run.mkdir(parents=True, exist_ok=True)
        write_json(run / "config.json", settings.model_dump(mode="json") | {"resume": False})
        try:
            rental = renter.rent(offers, run, max_cost=settings.max_cost, spent=gone)
        except BaseException:
            self._undo(renter, run, is_new)
            raise
        join_job(run)
        note(run, "rented", rental.spent, machine=rental.name, gpu=rental.gpu)
        return rental

    def _undo(self, renter: Renter, run: Path, is_new: bool) -> None:
        rental = Rental.read(run)
        if rental is not None:
            renter.end(rental)  # what was unclear may have been rented
        renter.forget(run)
        if is_new:
            shutil.rmtree(run)

    def _train(self, renter: Renter, settings: Any, run: Path, rental: Rental) -> None:
        shell = self._wait_until_ready(renter, run, rental)
        remote = RemoteRun(shell, run, rental, clock=self._clock, pause=self._pause)
        sources = [*find_sources(settings, Path.cwd()).values()]
        try:
            remote.start(sources, lambda goes_on: self._arguments(settings, rental, goes_on))
            code = remote.follow()
            if code == ExitCode.OK:
                remote.fetch_artifact()
                return note(run, "returned", rental.cost(self._clock.time()), machine=rental.name)
        except Interrupted:
            remote.stop()
            raise
        except Unreachable as error:
            raise ProviderError(
                f"{rental.name} no longer answers ({str(error).rstrip('.')}) and was given back:"
                " go on from the last checkpoint with python train.py --resume --cloud."
            ) from None
        remote.mirror.save_checkpoints()
        raise self._ending(settings, rental, code)

    def _ending(self, settings: Any, rental: Rental, code: int | None) -> Exception:
        if code == ExitCode.STOPPED and (rental.deadline - rental.created - RESERVE) / 60 > (
            settings.max_minutes or math.inf
        ):
            return Stopped(f"--max-minutes {settings.max_minutes:g} is over", ExitCode.STOPPED)
        if code == ExitCode.STOPPED:
            return Stopped(f"--max-cost {settings.max_cost:g} is nearly spent", ExitCode.STOPPED)
        if code is None or code < 0:
            return ProviderError(
                "The training was killed on its machine, perhaps for memory: choose another --gpu,"
                " or go on with python train.py --resume --cloud."
            )
        error = UserError("The training failed on its machine; what it printed above says why.")
        error.exit_code = ExitCode(code) if code in {*ExitCode} else ExitCode.BUG
        return error

    def _wait_until_ready(self, renter: Renter, run: Path, rental: Rental) -> Shell:
        until = max(rental.created, self._clock.time()) + BOOT
        said = "it was not found"
        while self._clock.time() < until:
            try:
                machine = renter.find(rental)
                if machine is not None:
                    said = f"it is {machine.state}"
                if machine is not None and machine.address is not None:
                    trust(run / KEYS, machine.address)
                    shell = self._connect(machine.address, run / KEYS)
                    shell.ask("state")
                    return shell
            except ProviderError as error:
                said = str(error).rstrip(".")
            self._pause(POLL)
        raise ProviderError(
            f"{rental.name} could not be used within {BOOT // 60} minutes ({said}) and was given"
            " back: try again, or another --gpu."
        )

    def _arguments(self, settings: Any, rental: Rental, goes_on: bool) -> list[str]:
        left = (rental.deadline - RESERVE - self._clock.time()) / 60
        limits: dict[str, Any] = {
            "max_minutes": round(min(left, settings.max_minutes or left), 2),
            "price_per_hour": rental.usd_per_hour,
        }
        if goes_on:
            return to_arguments(limits | {"resume": True})
        return to_arguments(
            {n: v for n, v in settings.given().items() if n not in ("output", "resume")} | limits
        )

    def _pause(self, seconds: float) -> None:
        """Wait; a signal that came, or comes meanwhile, ends it at once."""
        self._is_waiting = True
        try:
            if self._signal is not None:
                raise Interrupted
            self._clock.sleep(seconds)
        finally:
            self._is_waiting = False

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._signal = signal.Signals(number)
        if self._is_waiting:  # anywhere else a step may be half done
            raise Interrupted


def _check_data(task: Task[Any], settings: Any) -> None:
    """What is wrong with data that lies here is said before anything is paid for."""
    if Path(settings.data).exists():
        task.load(settings, Findings())
