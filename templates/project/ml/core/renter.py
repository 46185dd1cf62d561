"""Rents one machine and gives it back: what may cost money is written down first, and looked for last."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from core import node
from core.errors import ProviderError
from core.machines import Boot, Machine, Machines, NoCapacity, Offer, Unclear
from core.records import RENTAL
from core.rental import KEYS, Rental, name_machine
from core.rest import Clock
from core.shell import create_keys

POLL = 5.0  # seconds between two looks
TURNS_UP = 120  # seconds in which a machine that may have been rented turns up
ENDS = 15 * 60  # seconds that its end is asked for


class Renter:
    def __init__(self, machines: Machines, *, clock: Clock = time) -> None:
        self.machines = machines
        self._clock = clock

    def rent(self, offers: Sequence[Offer], run: Path, *, max_cost: float, spent: float) -> Rental:
        """Rent the first that can be had; if none can, nothing is left of the attempt.

        Args:
            max_cost: USD; the machine is gone before it costs more.
            spent: USD of it that are gone.

        Raises:
            NoCapacity: None can.
            ProviderError: The provider refuses.
        """
        try:
            return self._rent_first(offers, run, max_cost, spent)
        except BaseException:
            rental = Rental.read(run)
            if rental is not None:
                self.end(rental)  # what was unclear may have been rented
            self.forget(run)
            raise

    def find(self, rental: Rental) -> Machine | None:
        return next((m for m in self.machines.live() if m.name == rental.name), None)

    def end(self, rental: Rental) -> None:
        """Ask for its end until the provider no longer lists it.

        Raises:
            ProviderError: It may still cost money.
        """
        print(f"ending   {rental.name}", flush=True)
        until = self._clock.time() + ENDS
        while True:
            try:
                machine = self.find(rental)
                if machine is None:
                    return
                self.machines.end(machine)
                problem = f"it is still {machine.state}"
            except ProviderError as error:
                problem = str(error).rstrip(".")
            if self._clock.time() >= until:
                raise ProviderError(
                    f"{rental.name} may still cost {rental.usd_per_hour:.2f} USD an hour ({problem}):"
                    " run `python cloud.py reap`, or end it in the provider's console."
                )
            self._clock.sleep(POLL)

    @contextmanager
    def ending(self, rental: Rental, run: Path) -> Iterator[None]:
        """However the block ends, the machine is gone then; after an error it is forgotten, too."""
        try:
            yield
        except BaseException as error:
            try:
                self.end(rental)
            except ProviderError as second:
                if isinstance(error, ProviderError):
                    raise ProviderError(f"{error} {second}") from None
                raise
            self.forget(run)
            raise
        self.end(rental)

    def forget(self, run: Path) -> None:
        """There is nothing left of it."""
        for path in sorted((run / KEYS).glob("*")):
            path.unlink()
        if (run / KEYS).is_dir():
            (run / KEYS).rmdir()
        (run / RENTAL).unlink(missing_ok=True)

    def _rent_first(
        self, offers: Sequence[Offer], run: Path, max_cost: float, spent: float
    ) -> Rental:
        create_keys(run / KEYS)
        name = name_machine(Path.cwd().name)
        said = ""
        for offer in offers:
            now = self._clock.time()
            deadline = now + (max_cost - spent) / offer.usd_per_hour * 3600
            rental = Rental(name, offer.gpu, offer.gpus, offer.usd_per_hour, now, deadline, spent)
            rental.write(run)  # before it costs anything
            for place in offer.places:
                print(
                    f"renting  {offer.gpu} in {place}, {offer.usd_per_hour:.2f} USD an hour",
                    flush=True,
                )
                try:
                    self._rent(offer, place, self._boot(rental, run))
                    return rental
                except NoCapacity as refusal:
                    said = str(refusal)
        raise NoCapacity(f"{said} Nothing is rented: try again later, or with another --gpu.")

    def _rent(self, offer: Offer, place: str, boot: Boot) -> None:
        try:
            self.machines.rent(offer, place, boot)
        except Unclear as unclear:
            print(f"{unclear} Looking whether it was rented.")
            if not self._turns_up(boot.name):
                raise NoCapacity(str(unclear)) from None

    def _turns_up(self, name: str) -> bool:
        until = self._clock.time() + TURNS_UP
        while self._clock.time() < until:
            if any(machine.name == name for machine in self.machines.live()):
                return True
            self._clock.sleep(POLL)
        return False

    def _boot(self, rental: Rental, run: Path) -> Boot:
        private, public, login = (
            (run / KEYS / name).read_text("utf-8") for name in ("host", "host.pub", "id.pub")
        )
        scripts = {"node.py": Path(node.__file__), "terminate.py": self.machines.terminate}
        files = {name: path.read_text("utf-8") for name, path in scripts.items()}
        return Boot(rental.name, rental.deadline, login.strip(), (private, public), files)
