"""`python train.py --cloud`: this process sends a training to Modal, follows it, and brings its run here."""

import difflib
import math
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, TypeVar

from core.command import Task
from core.errors import ExitCode, ProviderError, UserError
from core.findings import Findings
from core.machines import Offer
from core.mirror import note
from core.parcel import find_sources
from core.pricing import choose
from core.records import RENTAL, has_checkpoint, write_json
from core.rental import KEYS, Rental, name_machine
from core.rental_settings import RentalSettings, extend, to_arguments
from core.run import Stopped, join_job, new_folder, reopen, spent
from core.settings import RunSettings
from core.sources import is_on_hub
from modal_prices import HOUR, offers, usd_per_hour

if TYPE_CHECKING:  # what trains here does not wait for Modal's client
    from modal_call import ModalCall

Config = TypeVar("Config", bound=RunSettings)
FALLBACKS = 3  # GPUs, of which the first that is free is taken
MINUTES = 60  # seconds
LONGEST = 24 * 3600  # seconds that Modal runs a function
# What this machine decides, whatever the run was started with.
OWN = {*RentalSettings.model_fields} - {*RunSettings.model_fields} | {"max_minutes", "output"}
NOT_SENT = {"output", "resume", "max_minutes", "price_per_hour"}


class Interrupted(Exception):
    """Ctrl-C or SIGTERM."""


class ModalTraining:
    """
    Args:
        is_shown: Whether something else prints the log: the command line of Modal does.
    """

    def __init__(self, *, is_shown: bool = False) -> None:
        self._is_shown = is_shown
        self._signal: signal.Signals | None = None
        self._is_sending = False

    def extend(self, config: type[Config]) -> type[Config]:
        return extend(config)

    def train(self, task: Task[Any], settings: Any) -> Path:
        """
        Raises:
            UserError: It failed, and nothing runs there any more.
            Stopped: A signal came, or the money is spent; what it takes to go on is here.
        """
        settings = settings.model_copy(update=find_sources(settings, Path.cwd()))
        if not is_on_hub(settings.data):  # what is wrong with it is said before it costs anything
            task.load(settings, Findings())
        run = None
        if settings.resume:
            before, run = reopen(settings)
            settings = before.model_copy(update={name: getattr(settings, name) for name in OWN})
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        try:
            call = self._find(run) if run else None
            return self._follow(call or self._spawn(settings, run), settings)
        except Interrupted:
            assert self._signal is not None
            raise Stopped(self._signal.name, ExitCode(128 + self._signal)) from None
        except KeyboardInterrupt:
            sys.exit(128 + (self._signal or signal.SIGINT))

    def _find(self, run: Path) -> "ModalCall | None":
        """What a process before this one left at Modal."""
        from modal_call import ModalCall

        rental = Rental.read(run)
        if rental is None:
            return None
        call = ModalCall(run, rental, self._is_shown)
        if not call.attach():
            forget(run)
            return None
        print(f"{rental.name} is at Modal: going on with it.")
        join_job(run)
        return call

    def _spawn(self, settings: Any, run: Path | None) -> "ModalCall":
        gone = spent([run]) if run else 0.0
        chosen = choose_offers(settings, gone)
        from modal_call import ModalCall, require_access

        require_access()
        is_new = run is None
        run = run or new_folder(Path(settings.output))
        run.mkdir(parents=True, exist_ok=True)
        write_json(run / "config.json", settings.model_dump(mode="json") | {"resume": False})
        rental = create_rental(chosen, settings.max_cost, gone)
        rental.write(run)  # before there is anything at Modal
        call = ModalCall(run, rental, self._is_shown)
        try:
            self._is_sending = True
            call.spawn(settings, chosen, arguments(settings, has_checkpoint(run)))
            self._is_sending = False
        except BaseException:
            self._is_sending = False
            call.close()
            forget(run)
            if is_new:
                shutil.rmtree(run)
            raise
        join_job(run)
        note(run, "rented", gone, machine=rental.name, gpu=rental.gpu)
        return call

    def _follow(self, call: "ModalCall", settings: Any) -> Path:
        """However it ends, nothing of it is left at Modal; only one that cannot be reached is left alone."""
        try:
            code = call.follow(self._raise_signal)
            if code == ExitCode.OK:
                artifact = call.mirror.complete()
        except Interrupted:
            call.stop()
            self._end(call)
            raise
        if code == ExitCode.OK:
            self._end(call)
            return artifact
        call.mirror.save_checkpoints(anew=True)
        self._end(call)
        raise ending(settings, call, code)

    def _end(self, call: "ModalCall") -> None:
        call.close()
        forget(call.run)
        note(call.run, "returned", call.cost, machine=call.rental.name)

    def _raise_signal(self) -> None:
        if self._signal is not None:
            raise Interrupted

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._signal = signal.Signals(number)
        if self._is_sending:  # an image takes minutes, and nothing is lost
            raise KeyboardInterrupt


def choose_offers(settings: Any, gone: float) -> list[Offer]:
    """The GPUs that are tried in turn, the cheapest first.

    Raises:
        UserError: No such GPU, or none within the limits of cost.
    """
    found = offers(settings.gpu)
    names = [offer.gpu for offer in found]
    if settings.gpu and settings.gpu not in names:
        near = difflib.get_close_matches(settings.gpu, names, n=3, cutoff=0.4)
        raise UserError(f"--gpu {settings.gpu}: Modal has {', '.join(near or names)}.")
    chosen = choose(
        "Modal",
        found,
        gpu=settings.gpu,
        max_hourly=settings.max_hourly,
        max_cost=settings.max_cost,
        spent=gone,
    )
    return chosen[:FALLBACKS]


def create_rental(chosen: Sequence[Offer], max_cost: float, gone: float) -> Rental:
    """Which of the GPUs will be free is not known: the bill is counted by the dearest."""
    names = [offer.gpu for offer in chosen]
    price = usd_per_hour(names)
    now = time.time()
    seconds = min(LONGEST, (max_cost - gone) / price * HOUR)
    name = name_machine(Path.cwd().name)
    gpus = ", ".join(names)
    return Rental(name, gpus, chosen[0].gpus, price, now, now + seconds, gone)


def arguments(settings: Any, goes_on: bool) -> list[str]:
    """Of train.py there."""
    if goes_on:
        return []
    given = settings.given().items()
    return to_arguments({name: value for name, value in given if name not in NOT_SENT})


def forget(run: Path) -> None:
    """There is nothing left of it at Modal."""
    shutil.rmtree(run / KEYS, ignore_errors=True)
    (run / RENTAL).unlink(missing_ok=True)


def ending(settings: Any, call: "ModalCall", code: int | None) -> Exception:
    """What is said of a training that left no artifact."""
    if code == ExitCode.STOPPED:
        return Stopped(_limit(settings, call.rental), ExitCode.STOPPED)
    if code is None:
        return ProviderError(
            f"The training was ended at Modal ({call.problem}): go on with"
            " python train.py --resume --cloud, perhaps with another --gpu."
        )
    error = UserError("The training failed at Modal; what it printed above says why.")
    error.exit_code = ExitCode(code) if code in {*ExitCode} else ExitCode.BUG
    return error


def _limit(settings: Any, rental: Rental) -> str:
    seconds = rental.deadline - rental.created
    if (settings.max_minutes or math.inf) * MINUTES < seconds:
        return f"--max-minutes {settings.max_minutes:g} is over"
    if round(seconds) == LONGEST:
        return "Modal runs nothing for longer than a day"
    return f"--max-cost {settings.max_cost:g} is nearly spent"
