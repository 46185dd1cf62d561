"""What Modal charges, by https://modal.com/pricing; `modal billing rates` has what your account pays."""

from collections.abc import Sequence

from core.machines import Offer

READ = "2026-07-01"
HOUR = 3600  # seconds
NO_GPU = "none"
GPUS = {  # USD per second, the cheapest first; GiB, of which a container gets as many besides
    "T4": (0.000164, 16),
    "L4": (0.000222, 24),
    "A10": (0.000306, 24),
    "L40S": (0.000542, 48),
    "A100-40GB": (0.000583, 40),
    "A100-80GB": (0.000694, 80),
    "RTX-PRO-6000": (0.000842, 96),
    "H100": (0.001097, 80),
    "H200": (0.001261, 141),
    "B200": (0.001736, 192),
    NO_GPU: (0.0, 16),
}
CORE = 0.0000131  # USD per second of a physical core
GIB = 0.00000222  # USD per second
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
    return cores, max(count * GPUS[name][1] for name, count in found)


def usd_per_hour(gpus: Sequence[str]) -> float:
    """At the most, for a container with any of these."""
    cores, gib = limits(gpus)
    dearest = max(count * GPUS[name][0] for name, count in map(_split, gpus))
    return (dearest + cores * CORE + gib * GIB) * HOUR


def _offer(gpu: str) -> Offer:
    name, count = _split(gpu)
    return Offer(gpu, 0 if name == NO_GPU else count, usd_per_hour([gpu]), ["Modal"])


def _split(gpu: str) -> tuple[str, int]:
    name, _, count = gpu.partition(":")
    return name, int(count or 1)
