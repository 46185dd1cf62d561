"""`python train.py --cloud`: this process sends a training to Modal, follows it, and brings its run here."""

import shutil
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, TypeVar

from core.command import Task
from core.destinations import require_destination
from core.elsewhere import OfferForecast, find_run, foresee, note_returned, order_offers
from core.errors import ExitCode
from core.mirror import note, publish
from core.parcel import find_sources
from core.push import require_pushed
from core.records import RENTAL, has_checkpoint, write_json
from core.rental import KEYS, Rental
from core.rental_settings import extend, to_arguments
from core.run import Stopped, join_job, new_folder, spent
from core.settings import RunSettings
from modal_terms import FALLBACKS, choose_offers, create_rental, ending

if TYPE_CHECKING:  # what trains here does not wait for Modal's client
    from modal_call import ModalCall

Config = TypeVar("Config", bound=RunSettings)
NOT_SENT = {"output", "resume", "max_minutes", "price_per_hour"}


class Interrupted(Exception):
    """Ctrl-C or SIGTERM."""


class ModalTraining:
    """
    Args:
        is_shown: Whether something else prints the log: the command line of Modal does.
    """

    provider = "modal"

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
        settings, run = find_run(settings)
        forecast = foresee(task, settings)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        try:
            call = self._find(run) if run else None
            return self._follow(call or self._spawn(settings, run, forecast), settings)
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

    def _spawn(self, settings: Any, run: Path | None, forecast: OfferForecast) -> "ModalCall":
        if settings.push:
            require_destination(settings.push)
        gone = spent([run]) if run else 0.0
        offers = choose_offers(settings, gone)
        from modal_call import ModalCall, require_access

        require_access()
        chosen = order_offers(forecast, self.provider, offers, settings.max_cost - gone)[:FALLBACKS]
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
        if facts := forecast.facts(self.provider, chosen[0]):
            note(run, "estimate", gone, **facts | ({} if len(chosen) == 1 else {"gpu": rental.gpu}))
        return call

    def _follow(self, call: "ModalCall", settings: Any) -> Path:
        """However it ends, nothing of it is left at Modal; only where nobody answers it is left alone."""
        try:
            code = call.follow(self._raise_signal)
        except Interrupted:
            call.stop()
            if not call.is_complete():
                self._close(call)
                forget(call.run)
                raise
            code = ExitCode.OK
        if code == ExitCode.OK or call.is_complete():  # its push may have failed
            call.mirror.fetch_artifact()
            self._close(call)
            artifact = publish(call.run)
            forget(call.run)  # the last: until then, whoever asks again gets the artifact
            require_pushed(artifact, settings.push)
            return artifact
        call.mirror.save_checkpoints(anew=True)
        self._close(call)
        forget(call.run)
        raise ending(settings, call.rental, code, call.problem)

    def _close(self, call: "ModalCall") -> None:
        call.close()
        note_returned(call.run, call.rental.name, call.cost)

    def _raise_signal(self) -> None:
        if self._signal is not None:
            raise Interrupted

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._signal = signal.Signals(number)
        if self._is_sending:  # an image takes minutes, and nothing is lost
            raise KeyboardInterrupt


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
