"""Train on a rented machine: rent, send, follow, bring home, and give it back whatever happens."""

import math
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from core.command import Task
from core.destinations import require_destination
from core.elsewhere import (
    OfferForecast,
    failure,
    find_run,
    foresee,
    note_returned,
    order_offers,
)
from core.errors import ExitCode, ProviderError
from core.machines import Address, Machines
from core.mirror import has_arrived, note, publish
from core.parcel import find_sources
from core.push import require_pushed
from core.records import write_json
from core.remote_run import RemoteRun
from core.rental import Rental
from core.rental_settings import extend, to_arguments
from core.rented import Interrupted, Rented
from core.renter import Renter
from core.rest import Clock
from core.run import Stopped, join_job, new_folder, runs_of_job, spent
from core.settings import RunSettings
from core.shell import Shell, Ssh, Unreachable

Config = TypeVar("Config", bound=RunSettings)
RESERVE = 10 * 60  # seconds before the deadline that are left to bring things home


class RentedTraining(Rented):
    """What `python train.py --cloud` does.

    Args:
        provider: Its name in the list of prices.
    """

    def __init__(
        self,
        machines: Callable[[], Machines],
        provider: str,
        *,
        connect: Callable[[Address, Path], Shell] = Ssh,
        clock: Clock = time,
    ) -> None:
        super().__init__(machines, connect=connect, clock=clock)
        self.provider = provider

    def extend(self, config: type[Config]) -> type[Config]:
        return extend(config)

    def train(self, task: Task[Any], settings: Any) -> Path:
        """
        Raises:
            UserError: It failed, and nothing is rented any more.
            Stopped: A signal came, or the money is spent; what it takes to go on is here.
        """
        settings = settings.model_copy(update=find_sources(settings, Path.cwd()))
        settings, run = find_run(settings)
        forecast = foresee(task, settings)
        renter = self._renter()
        with self._stopped_by_signals():
            return self._go_on(renter, settings, run, forecast)

    def _go_on(
        self, renter: Renter, settings: Any, run: Path | None, forecast: OfferForecast
    ) -> Path:
        """From wherever it ended, by a kill as well: each step leaves what the next one needs."""
        rental = Rental.read(run) if run else None
        if rental is None or renter.find(rental) is None:
            if run and has_arrived(run):
                return self._publish(renter, settings, run)
            run = run or new_folder(Path(settings.output))
            renter.forget(run)
            rental = self._rent(renter, settings, run, forecast)
        else:
            assert run is not None
            print(f"{rental.name} is still rented: going on with it.")
            join_job(run)
        with renter.ending(rental, run):
            self._train(renter, settings, run, rental)
        return self._publish(renter, settings, run)

    def _publish(self, renter: Renter, settings: Any, run: Path) -> Path:
        """An artifact appears once its machine is gone: whoever has one pays for nothing any more."""
        artifact = publish(run)
        renter.forget(run)
        require_pushed(artifact, settings.push)
        return artifact

    def _rent(self, renter: Renter, settings: Any, run: Path, forecast: OfferForecast) -> Rental:
        if settings.push:
            require_destination(settings.push)
        gone = spent([*runs_of_job(), run])
        free = self._choose(renter, settings, gone)
        offers = order_offers(forecast, self.provider, free, settings.max_cost - gone)
        is_new = not run.exists()
        run.mkdir(parents=True, exist_ok=True)
        write_json(run / "config.json", settings.model_dump(mode="json") | {"resume": False})
        try:
            rental = renter.rent(offers, run, max_cost=settings.max_cost, spent=gone)
        except BaseException:
            if is_new:
                shutil.rmtree(run)
            raise
        join_job(run)
        note(run, "rented", rental.spent, machine=rental.name, gpu=rental.gpu)
        chosen = next(offer for offer in offers if offer.gpu == rental.gpu)
        if facts := forecast.facts(self.provider, chosen):
            note(run, "estimate", rental.spent, **facts)
        return rental

    def _train(self, renter: Renter, settings: Any, run: Path, rental: Rental) -> None:
        shell = self._wait_until_ready(renter, run, rental)
        remote = RemoteRun(
            shell, run, rental, clock=self._clock, pause=self._pause, push=settings.push
        )
        sources = [*find_sources(settings, Path.cwd()).values()]
        try:
            remote.start(sources, lambda goes_on: self._arguments(settings, rental, goes_on))
            code = self._follow(remote)
            if code == ExitCode.OK or remote.is_complete():  # its push may have failed
                remote.fetch_artifact()
                return note_returned(run, rental.name, rental.cost(self._clock.time()))
        except Unreachable as error:
            if has_arrived(run):  # while it was pushed
                return note_returned(run, rental.name, rental.cost(self._clock.time()))
            raise ProviderError(
                f"{rental.name} no longer answers ({str(error).rstrip('.')}) and was given back:"
                " go on from the last checkpoint with python train.py --resume --cloud."
            ) from None
        remote.mirror.save_checkpoints()
        raise self._ending(settings, rental, code)

    def _follow(self, remote: RemoteRun) -> int | None:
        """Its exit code; who is interrupted keeps its checkpoint, or has an artifact already."""
        try:
            return remote.follow()
        except Interrupted:
            try:
                remote.stop()
                if remote.is_complete():
                    return ExitCode.OK
            except ProviderError as error:
                print(f"warning: the last checkpoint did not come here: {error}", file=sys.stderr)
            raise

    def _ending(self, settings: Any, rental: Rental, code: int | None) -> Exception:
        if code == ExitCode.STOPPED and (rental.deadline - rental.created - RESERVE) / 60 > (
            settings.max_minutes or math.inf
        ):
            return Stopped(f"--max-minutes {settings.max_minutes:g} is over", ExitCode.STOPPED)
        if code == ExitCode.STOPPED:
            return Stopped(f"--max-cost {settings.max_cost:g} is nearly spent", ExitCode.STOPPED)
        if code in (None, ExitCode.INTERRUPTED, ExitCode.TERMINATED) or code < 0:
            return ProviderError(
                "The training was ended on its machine, by its guard or for want of memory, as what it"
                " printed says: go on with python train.py --resume --cloud, or choose another --gpu."
            )
        return failure("on its machine", code)

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
