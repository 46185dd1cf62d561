"""What Modal charges, by `core/prices.csv`; `modal billing rates` has what your account pays."""

from collections.abc import Sequence

from core.machines import Offer
from core.price_catalog import read_prices

HOUR = 3600  # seconds
NO_GPU = "none"
MEMORY = {  # GiB of each GPU, of which a container gets as many besides
    "T4": 16,
    "L4": 24,
    "A10": 24,
    "L40S": 48,
    "A100-40GB": 40,
    "A100-80GB": 80,
    "RTX-PRO-6000": 96,
    "H100": 80,
    "H200": 141,
    "B200": 192,
    NO_GPU: 16,
}
CATALOG = read_prices()
CORE = CATALOG.price("modal", "CPU core").usd  # USD per hour of a physical core
GIB = CATALOG.price("modal", "memory").usd  # USD per hour
READ = CATALOG.price("modal", "CPU core").read.isoformat()
GPUS = {  # USD per hour, the cheapest first
    price.item: price.usd for price in CATALOG.gpu_prices(provider="modal") if price.item in MEMORY
} | {NO_GPU: 0.0}
CORES = 4  # for each GPU


def offers(wanted: str = "") -> list[Offer]:
    """What can be had, with as many GPUs as `wanted` says (`A10`, `H100:8`); the cheapest first."""
    count = wanted.partition(":")[2]
    suffix = f":{count}" if count in map(str, range(1, 9)) else ""
    with_gpu = [_offer(f"{name}{suffix}") for name in GPUS if name != NO_GPU]
    return [*with_gpu, _offer(NO_GPU)]


def limits(gpus: Sequence[str]) -> tuple[int, int]:
    """Cores and GiB that a container with any of these may use, and never has to pay more than."""
    found = [_split(gpu) for gpu in gpus] or [(NO_GPU, 1)]
    cores = max(count * CORES for _, count in found)
    return cores, max(count * MEMORY[name] for name, count in found)


def usd_per_hour(gpus: Sequence[str]) -> float:
    """At the most, for a container with any of these."""
    cores, gib = limits(gpus)
    dearest = max(count * GPUS[name] for name, count in map(_split, gpus))
    return dearest + cores * CORE + gib * GIB


def _offer(gpu: str) -> Offer:
    name, count = _split(gpu)
    return Offer(gpu, 0 if name == NO_GPU else count, usd_per_hour([gpu]), ["Modal"])


def _split(gpu: str) -> tuple[str, int]:
    name, _, count = gpu.partition(":")
    return name, int(count or 1)
