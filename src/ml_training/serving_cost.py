"""What a month of answers costs: on machines that scale to nothing, and on machines that are always there."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from core.errors import UserError
from core.estimate.cost import CORES, DISK, HOUR, MEMORY, MONTH, Extras
from core.price_catalog import Price, PriceCatalog

DAY = 24 * HOUR  # seconds
MOST_BUSY = 0.5  # of a CPU's time: above it, requests wait for one another
WINDOW = {"modal": 60.0, "runpod": 5.0}  # seconds without a request until a machine goes
SCALES_TO_ZERO = {"modal": "on-demand", "runpod": "serverless-flex"}  # provider -> tier
ALWAYS_ON = ("on-demand", "secure")  # tiers


@dataclass(frozen=True)
class Load:
    """What is asked.

    Args:
        requests_per_day: Over all 24 hours.
        seconds: That one request keeps a machine busy.
        burstiness: Requests that come together, on average; with 1 each comes by itself.
        concurrency: Requests that one machine answers at the same time.
    """

    requests_per_day: float
    seconds: float
    burstiness: float = 1.0
    concurrency: int = 1

    def __post_init__(self) -> None:
        if not (0 < self.requests_per_day < math.inf and 0 < self.seconds < math.inf):
            raise UserError(
                "A load is a number of requests a day above 0, each of a number of seconds above 0."
            )
        if not (1 <= self.burstiness < math.inf and self.concurrency >= 1):
            raise UserError("Burstiness and concurrency are 1 at the least: one request alone.")

    @property
    def bursts_per_day(self) -> float:
        return self.requests_per_day / self.burstiness

    @property
    def seconds_per_burst(self) -> float:
        """Until the last request of a burst has its answer."""
        return self.seconds * max(1.0, self.burstiness / self.concurrency)

    @property
    def busy_machines(self) -> float:
        """On average: one after the other, or as far as a machine answers several bursts at once."""
        offered = self.bursts_per_day * self.seconds_per_burst / DAY
        at_once = max(1.0, self.concurrency / self.burstiness)
        return max(1 - math.exp(-offered), offered / at_once)


@dataclass(frozen=True)
class Server:
    """One machine that answers.

    Args:
        cores: Physical ones that it uses; billed where they are not included.
        memory_gib: Billed as above.
        disk_gb: Of a pod.
        startup_seconds: From nothing to the first answer; billed.
        window_seconds: Without a request until it goes; None takes what is usual at the provider.
    """

    cores: float = 1.0
    memory_gib: float = 2.0
    disk_gb: float = 100.0
    startup_seconds: float = 20.0
    window_seconds: float | None = None

    def __post_init__(self) -> None:
        given = (self.cores, self.memory_gib, self.disk_gb, self.startup_seconds)
        if not all(0 <= value < math.inf for value in (*given, self.window_seconds or 0.0)):
            raise UserError("Cores, memory, disk and seconds of a server are 0 or more.")


@dataclass(frozen=True)
class Usage:
    """A day of all machines together: what they are billed for."""

    busy_seconds: float
    idle_seconds: float
    startup_seconds: float
    cold_starts: float

    @property
    def billed_seconds(self) -> float:
        return self.busy_seconds + self.idle_seconds + self.startup_seconds


@dataclass(frozen=True)
class ServingOption:
    """
    Args:
        is_always_on: Or scales to nothing while nobody asks.
        usd: A month, by what it is paid for: GPU, CPU core, memory, disk.
        credit_usd: That the provider gives each month; not taken off.
        read: When the oldest of these prices was read.
    """

    price: Price
    is_always_on: bool
    usage: Usage
    usd: Mapping[str, float]
    requests_per_month: float
    credit_usd: float
    read: date

    @property
    def usd_per_month(self) -> float:
        return sum(self.usd.values())

    @property
    def usd_per_thousand(self) -> float:
        """Requests."""
        return self.usd_per_month / self.requests_per_month * 1000


def serverless_usage(load: Load, window_seconds: float, startup_seconds: float) -> Usage:
    """What machines are billed for that go when nobody has asked for `window_seconds`.

    Bursts arrive at random (Poisson, the same rate all day), and are answered one after the other, or
    at once where `concurrency` allows it. A burst finds nothing running when none came for `window_seconds` before it; then it waits for a
    start, and so do those that come meanwhile. From that follows (a queue with a set-up time):
    starts per second are r (1 - b) / (r s + e^(r w)), with r bursts per second, the busy share b, s for a
    start and w for the window; where a start takes no time, that is the rate times e^(-r w). Nights
    without requests are not in the model: ask with the requests of a busy day and a burstiness above 1.
    What one machine cannot answer is answered by others that are busy all day.
    """
    rate = load.bursts_per_day / DAY
    busy = load.busy_machines
    share = busy % 1  # of the machine that is not busy all day
    # Of its time; e^(r w) overflows for what is always on.
    off = (1 - share) / (rate * startup_seconds + math.exp(min(rate * window_seconds, 700.0)))
    cold_starts = rate * off * DAY
    idle = (1 - share - off) * DAY - cold_starts * startup_seconds
    return Usage(busy * DAY, max(idle, 0.0), cold_starts * startup_seconds, cold_starts)


def always_on_usage(load: Load) -> Usage:
    """As many machines as are busy, rounded up, all day."""
    busy = load.busy_machines
    return Usage(busy * DAY, (max(math.ceil(busy), 1) - busy) * DAY, 0.0, 0.0)


def serving_options(
    catalog: PriceCatalog,
    load: Load,
    *,
    gpu: str = "",
    cpu_seconds: float | None = None,
    server: Server = Server(),
) -> list[ServingOption]:
    """The ways to serve, the cheapest first; of each, the cheapest GPU.

    Args:
        gpu: By any name; blank takes any, each of which is taken to be as fast as the others.
        cpu_seconds: That one request takes a CPU, one at a time; None where it cannot.

    Raises:
        UserError: No such GPU.
    """
    gpus = catalog.gpu_prices(gpu=gpu, gpus=1)
    found = [_price_of(catalog, price, load, server, True) for price in _with(gpus, ALWAYS_ON)]
    options = _cheapest(found)
    for provider, tier in SCALES_TO_ZERO.items():
        prices = [price for price in _with(gpus, [tier]) if price.provider == provider]
        options += _cheapest(_price_of(catalog, p, load, server, False) for p in prices)
    if cpu_seconds is not None:
        core = catalog.price("modal", CORES)
        on_cpu = replace(load, seconds=cpu_seconds, concurrency=1)
        options += [_price_of(catalog, core, on_cpu, server, on) for on in (True, False)]
    return sorted(options, key=lambda option: option.usd_per_month)


def judge_cpu(load: Load, cpu_seconds: float, within_seconds: float = 1.0) -> tuple[bool, str]:
    """Whether a CPU is enough, and why.

    Args:
        cpu_seconds: That one request takes it, as measured.
        within_seconds: Every request of a burst shall have its answer.
    """
    on_cpu = replace(load, seconds=cpu_seconds, concurrency=1)
    last, busy = on_cpu.seconds_per_burst, on_cpu.busy_machines
    if last > within_seconds:
        return False, f"A burst takes a CPU {last:.2g} seconds, more than {within_seconds:g}."
    if busy > MOST_BUSY:
        return False, f"One CPU would be busy {busy * 100:.2g} % of the time."
    return (
        True,
        f"A CPU is enough: {last:.2g} seconds for a burst, busy {busy * 100:.2g} % of the time.",
    )


def _price_of(
    catalog: PriceCatalog, price: Price, load: Load, server: Server, is_always_on: bool
) -> ServingOption:
    window = server.window_seconds
    if window is None:
        window = WINDOW.get(price.provider, 0.0)
    usage = (
        always_on_usage(load)
        if is_always_on
        else serverless_usage(load, window, server.startup_seconds)
    )
    days = MONTH / 24
    hours = usage.billed_seconds / HOUR * days
    extras = Extras(catalog, price)
    usd = {
        "GPU": price.usd_per_hour * hours if price.gpus else 0.0,
        CORES: extras.cores_usd(server.cores, hours),
        MEMORY: extras.memory_usd(server.memory_gib, hours),
        DISK: extras.disk_usd(server.disk_gb, hours),
    }
    paid = {part: amount for part, amount in usd.items() if amount}
    requests = load.requests_per_day * days
    read = extras.read(paid)
    return ServingOption(price, is_always_on, usage, paid, requests, extras.credit_usd, read)


def _with(prices: Iterable[Price], tiers: Iterable[str]) -> list[Price]:
    wanted = [*tiers]
    return [price for price in prices if price.tier in wanted]


def _cheapest(options: Iterable[ServingOption]) -> list[ServingOption]:
    """Of these, or none where there are none."""
    return sorted(options, key=lambda option: option.usd_per_month)[:1]
