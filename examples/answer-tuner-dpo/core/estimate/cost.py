"""What a training costs: its seconds, what they are rounded up to, and what is billed besides the GPU."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from core.errors import UserError
from core.price_catalog import Price, PriceCatalog

HOUR = 3600  # seconds
MONTH = 730  # hours
CORES, MEMORY, DISK, VOLUME, CREDIT = "CPU core", "memory", "disk", "volume", "credit"  # items
# Seconds before the first step, and between the last one and the end of the bill. Assumed: a function
# starts from an image, a pod from a larger one, an instance boots and installs.
STARTUP = {"modal": 60.0, "runpod": 180.0, "lambda": 300.0}
IDLE = {"modal": 0.0, "runpod": 30.0, "lambda": 60.0}


@dataclass(frozen=True)
class Interruptions:
    """Machines that are taken away, as those of a spot market and every GPU of Modal can be.

    Args:
        per_hour: Expected while it runs.
        checkpoint_seconds: From one checkpoint to the next, half of which is lost on average.
    """

    per_hour: float = 0.0
    checkpoint_seconds: float = 600.0


@dataclass(frozen=True)
class Job:
    """A training.

    Args:
        work_seconds: Of its steps, on the GPUs that it is priced for.
        startup_seconds: Before the first step; None takes what is assumed for the provider.
        idle_seconds: After the last step, while the machine is still billed; None as above.
        cores: Physical ones, for each GPU; billed where they are not included.
        memory_gib: For each GPU; billed as above.
        disk_gb: Of a pod; it goes when the pod is terminated.
        kept_gib: On a volume, for a month.
    """

    work_seconds: float
    startup_seconds: float | None = None
    idle_seconds: float | None = None
    cores: float = 4.0
    memory_gib: float = 16.0
    disk_gb: float = 100.0
    kept_gib: float = 0.0
    interruptions: Interruptions = Interruptions()

    def __post_init__(self) -> None:
        given = (self.work_seconds, self.startup_seconds or 0.0, self.idle_seconds or 0.0)
        if not all(0 <= seconds < math.inf for seconds in given):
            raise UserError("A training takes 0 seconds or more, and so do its start and its end.")

    def taking(self, seconds: float) -> "Job":
        return replace(self, work_seconds=seconds)


@dataclass(frozen=True)
class Bill:
    """
    Args:
        seconds: By what they are spent on: work, startup, recovery, idle, rounding.
        usd: By what it is paid for: GPU, CPU core, memory, disk, volume.
        credit_usd: That the provider gives each month; not taken off.
        read: When the oldest of these prices was read.
    """

    price: Price
    seconds: Mapping[str, float]
    usd: Mapping[str, float]
    credit_usd: float
    read: date

    @property
    def billed_seconds(self) -> float:
        return sum(self.seconds.values())

    @property
    def total_usd(self) -> float:
        return sum(self.usd.values())


def training_bill(catalog: PriceCatalog, price: Price, job: Job) -> Bill:
    """What a training is expected to cost on a machine of the catalog.

    Raises:
        UserError: It is interrupted so often that it never ends.
    """
    seconds = _seconds(price, job)
    hours = sum(seconds.values()) / HOUR
    gpus = max(price.gpus, 1)
    extras = Extras(catalog, price)
    usd = {
        "GPU": price.usd_per_hour * hours,
        CORES: extras.cores_usd(job.cores * gpus, hours),
        MEMORY: extras.memory_usd(job.memory_gib * gpus, hours),
        DISK: extras.disk_usd(job.disk_gb, hours),
        VOLUME: extras.volume_usd(job.kept_gib),
    }
    paid = {part: amount for part, amount in usd.items() if amount}
    return Bill(price, seconds, paid, extras.credit_usd, extras.read(paid))


def billed(seconds: float, price: Price) -> float:
    """Seconds that are paid for: at least the minimum, and the last step of the clock in full."""
    steps = math.ceil(max(seconds, price.minimum) / price.billed_seconds - 1e-9)
    return float(steps * price.billed_seconds)


def recovery_seconds(work: float, startup: float, interruptions: Interruptions) -> float:
    """Expected seconds that are done twice, and for starting again.

    Interruptions come at random (Poisson), while steps that are repeated run, too; each costs half the
    time between two checkpoints and a start.

    Raises:
        UserError: It never ends.
    """
    lost = interruptions.checkpoint_seconds / 2 + startup
    share = interruptions.per_hour * lost / HOUR
    if share >= 1:
        raise UserError(
            f"With {interruptions.per_hour:g} interruptions an hour, each of which costs {lost:g}"
            " seconds, the training never ends: write checkpoints more often."
        )
    return work * share / (1 - share)


class Extras:
    """What a provider bills besides a GPU; what it does not list is included."""

    def __init__(self, catalog: PriceCatalog, price: Price) -> None:
        same = [p for p in catalog.current if (p.provider, p.tier) == (price.provider, price.tier)]
        self._listed = {p.item: p for p in same}
        self._price = price

    @property
    def credit_usd(self) -> float:
        return self._usd(CREDIT)

    def cores_usd(self, cores: float, hours: float) -> float:
        least = self._listed[CORES].minimum if CORES in self._listed else 0.0
        return max(cores, least) * self._usd(CORES) * hours

    def memory_usd(self, gib: float, hours: float) -> float:
        return gib * self._usd(MEMORY) * hours

    def disk_usd(self, gb: float, hours: float) -> float:
        return gb * self._usd(DISK) * hours / MONTH

    def volume_usd(self, gib: float) -> float:
        """For a month."""
        included = self._listed[VOLUME].included if VOLUME in self._listed else 0.0
        return max(gib - included, 0.0) * self._usd(VOLUME)

    def read(self, parts: Mapping[str, float]) -> date:
        """When the oldest of the prices of these parts was read."""
        return min([self._price.read, *(p.read for p in self._listed.values() if p.item in parts)])

    def _usd(self, item: str) -> float:
        return self._listed[item].usd if item in self._listed else 0.0


def _can_be_taken_away(price: Price) -> bool:
    """Of Modal's GPUs all can: https://modal.com/docs/guide/preemption."""
    return price.tier == "spot" or price.provider == "modal"


def _seconds(price: Price, job: Job) -> dict[str, float]:
    startup = _given(job.startup_seconds, STARTUP, price)
    idle = _given(job.idle_seconds, IDLE, price)
    interruptions = job.interruptions if _can_be_taken_away(price) else Interruptions()
    recovery = recovery_seconds(job.work_seconds, startup, interruptions)
    used = job.work_seconds + startup + recovery + idle
    return {
        "work": job.work_seconds,
        "startup": startup,
        "recovery": recovery,
        "idle": idle,
        "rounding": max(billed(used, price) - used, 0.0),
    }


def _given(seconds: float | None, assumed: Mapping[str, float], price: Price) -> float:
    return assumed.get(price.provider, 0.0) if seconds is None else seconds
