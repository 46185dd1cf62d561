"""Serve on a rented machine: its port is one of this machine, and it is given back when this process ends."""

import os
import shutil
import subprocess
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from core.arguments import Arguments
from core.artifact import latest_artifact
from core.errors import ProviderError, UserError
from core.parcel import Packer
from core.records import RENTAL
from core.remote import POLL, SILENCE, Remote
from core.rental import KEYS, Rental
from core.rental_settings import extend
from core.rented import Rented
from core.renter import Renter
from core.run import Stopped
from core.shell import Unreachable

Config = TypeVar("Config", bound=Arguments)
RENTED = Path("rented")  # folder with a folder for each server
PORT = 8001  # there, where nobody else is
API_KEY = "SERVE_API_KEY"


class RentedServer(Rented):
    """What `python serve.py --cloud` does."""

    def extend(self, config: type[Config]) -> type[Config]:
        return extend(config)

    def serve(self, settings: Any) -> None:
        """Until a signal comes.

        Raises:
            UserError: It failed, or the money is spent; nothing is rented any more.
        """
        with suppress(Stopped):
            self._rent_and_serve(settings)

    def _rent_and_serve(self, settings: Any) -> None:
        artifact = settings.artifact or latest_artifact(Path("runs"))
        renter = self._renter()
        offers = self._choose(renter, settings, 0.0)
        folder = RENTED / datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
        folder.mkdir(parents=True)
        with self._stopped_by_signals():
            try:
                rental = renter.rent(offers, folder, max_cost=settings.max_cost, spent=0.0)
                with renter.ending(rental, folder):
                    self._serve(renter, settings, artifact, folder, rental)
                renter.forget(folder)
            finally:
                if not (folder / RENTAL).exists():
                    shutil.rmtree(folder)

    def _serve(
        self, renter: Renter, settings: Any, artifact: Path, folder: Path, rental: Rental
    ) -> None:
        shell = self._wait_until_ready(renter, folder, rental)
        remote = Remote(shell, clock=self._clock, pause=self._pause)
        packer = Packer(Path.cwd(), [], folder / KEYS)
        parcels = packer.pack(artifact)
        remote.send(parcels)
        remote.order(
            packer.folder,
            parcels,
            [
                "serve.py",
                "--artifact",
                f"runs/{artifact.name}",
                f"--port={PORT}",
                *_options(settings),
            ],
            requirements=["requirements-serve.txt"],
            environment={API_KEY: os.environ[API_KEY]} if API_KEY in os.environ else {},
            ends_with_us=True,
        )
        self._keep_open(remote, settings.port, rental)

    def _keep_open(self, remote: Remote, port: int, rental: Rental) -> None:
        tunnel: subprocess.Popen[bytes] | None = None
        heard = self._clock.time()
        try:
            while True:
                try:
                    state = remote.look()
                    heard = self._clock.time()
                    if state["started"] and not state["running"]:
                        raise UserError(
                            "The server ended on its machine; what it printed says why."
                        )
                except Unreachable:
                    if (
                        self._clock.time() - heard >= SILENCE
                        or self._clock.time() > rental.deadline
                    ):
                        raise ProviderError(_over(rental, self._clock.time())) from None
                if tunnel is None or tunnel.poll() is not None:
                    tunnel = remote.shell.tunnel(port, PORT)
                self._pause(POLL)
        finally:
            if tunnel is not None:
                tunnel.terminate()
                tunnel.wait()


def _options(settings: Any) -> list[str]:
    """Of serve.py, that hold there as they would here."""
    given = settings.model_dump(mode="json", include={"workers", "queue", "max_body"})
    return [f"--{name.replace('_', '-')}={value}" for name, value in given.items()]


def _over(rental: Rental, now: float) -> str:
    if now > rental.deadline:
        return f"--max-cost is spent: {rental.name} was given back."
    return f"{rental.name} no longer answers and was given back: start it again."
