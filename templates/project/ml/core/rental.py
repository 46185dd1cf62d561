"""What is rented for one run, written down before it costs anything."""

import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from core.machines import Machine
from core.records import RENTAL, write_json

KEYS = ".rental"  # folder in a run's folder: keys of its machine, parcels for it


@dataclass(frozen=True)
class Rental:
    """
    Args:
        created: When the bill starts, in seconds since the epoch.
        deadline: When the machine has to be gone, in the same.
        spent: USD that the job had cost before.
    """

    name: str
    gpu: str
    gpus: int
    usd_per_hour: float
    created: float
    deadline: float
    spent: float

    @classmethod
    def read(cls, run: Path) -> Self | None:
        path = run / RENTAL
        return cls(**json.loads(path.read_text("utf-8"))) if path.is_file() else None

    def write(self, run: Path) -> None:
        write_json(run / RENTAL, asdict(self))

    def cost(self, now: float) -> float:
        """USD of the whole job until `now`, seconds since the epoch."""
        return self.spent + max(0.0, now - self.created) / 3600 * self.usd_per_hour


def name_machine(model: str) -> str:
    """A name that nobody else gives, and that tells whose model it is for."""
    return f"{_prefix(model)}{secrets.token_hex(4)}"


def is_for(machine: Machine, model: str) -> bool:
    """Whether a machine was rented for this model, by its name."""
    prefix = _prefix(model)
    return machine.name.startswith(prefix) and len(machine.name) == len(prefix) + 8


def _prefix(model: str) -> str:
    return f"ml-{model.replace('_', '-').lower()[:40]}-"
