"""What Modal charges, by https://modal.com/pricing; `modal billing rates` has what your account pays."""

from core.machines import Offer

READ = "2026-07-01"
HOUR = 3600  # seconds
GPUS = {  # USD per second, the cheapest first
    "T4": 0.000164,
    "L4": 0.000222,
    "A10": 0.000306,
    "L40S": 0.000542,
    "A100-40GB": 0.000583,
    "A100-80GB": 0.000694,
    "RTX-PRO-6000": 0.000842,
    "H100": 0.001097,
    "H200": 0.001261,
    "B200": 0.001736,
}
NO_GPU = "none"
CORE = 0.0000131  # USD per second of a physical core
GIB = 0.00000222  # USD per second of one GiB of memory
# What a container may use at the most, and is paid for at the least.
CORES = (2.0, 4.0)
MEMORY = (8 * 1024, 24 * 1024)  # MiB


def offers(wanted: str = "") -> list[Offer]:
    """What can be had, the cheapest first, with as many GPUs as `wanted` says: `A10`, `H100:8`."""
    _, _, count = wanted.partition(":")
    many = int(count) if count.isdecimal() and 1 <= int(count) <= 8 else 1
    suffix = f":{count}" if count.isdecimal() and many == int(count) else ""
    machines = [_offer(f"{name}{suffix}", many, price) for name, price in GPUS.items()]
    return [*machines, _offer(NO_GPU, 0, 0.0)]


def _offer(name: str, count: int, usd_per_second: float) -> Offer:
    beside = CORES[1] * CORE + MEMORY[1] / 1024 * GIB
    return Offer(name, count, (count * usd_per_second + beside) * HOUR, ["Modal"])
