"""What of this model is rented right now, whoever rented it: `python cloud.py ps` and `reap`."""

import time
from pathlib import Path
from typing import Any

from core.errors import ProviderError
from core.machines import Machine, Machines
from core.rental import is_for
from core.renter import ENDS, POLL
from core.rest import Clock


class Rentals:
    """
    Args:
        model: Folder of the model, by whose name its machines are known.
    """

    def __init__(
        self, machines: Machines, *, model: Path | None = None, clock: Clock = time
    ) -> None:
        self._machines = machines
        self._model = (model or Path.cwd()).name
        self._clock = clock

    def rentals(self) -> list[dict[str, Any]]:
        return [
            {
                "name": machine.name,
                "id": machine.id,
                "state": machine.state,
                "usd_per_hour": machine.usd_per_hour,
            }
            for machine in self._live()
        ]

    def end(self, name: str) -> None:
        """
        Raises:
            ProviderError: It is still there after a quarter of an hour.
        """
        until = self._clock.time() + ENDS
        while machines := [machine for machine in self._live() if machine.name == name]:
            if self._clock.time() >= until:
                raise ProviderError(f"{name} is still there: end it in the provider's console.")
            for machine in machines:
                self._machines.end(machine)
            self._clock.sleep(POLL)

    def _live(self) -> list[Machine]:
        return [machine for machine in self._machines.live() if is_for(machine, self._model)]
