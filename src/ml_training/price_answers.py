"""Prices out of what a provider answered: all of it is as documented, or none of it counts."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from core.errors import DataError
from core.price_catalog import GPU_HOUR, Price, PriceCatalog, format_prices, parse_prices

ITS_API, ITS_CLI = "its API, by your key", "modal billing rates"
MODAL_GPU = "gpu_hour_cost_"  # how its rates of GPUs begin; all but storage are USD per hour
MODAL_NAMES = {"a10g": "A10", "rtx6000": "RTX-PRO-6000"}  # that `gpu=` spells otherwise
MODAL_RATES = {  # its name -> item, unit
    "cpu_hour_cost": ("CPU core", "core-hour"),
    "mem_gib_hour_cost": ("memory", "GiB-hour"),
    "volume_storage_gib_month_cost": ("volume", "GiB-month"),
}
NEEDED = ("cpu_hour_cost", "mem_gib_hour_cost")
RUNPOD_TIERS = {"secure": "secure", "community": "community", "serverless": "serverless-flex"}


class Odd(Exception):
    """What of an answer is not as documented."""


def lambda_prices(answer: Any, today: date) -> Iterator[Price]:
    for kind in _field(answer, "data", dict).values():
        machine = _field(kind, "instance_type", dict)
        gpus = _field(_field(machine, "specs", dict), "gpus", int)
        usd = _number(machine, "price_cents_per_hour") / 100
        name = _text(machine, "gpu_description")
        if gpus > 0 and usd > 0:
            yield _gpu("lambda", "on-demand", name, usd / gpus, today, gpus=gpus, billed=60)


def runpod_prices(answer: Any, today: date) -> Iterator[Price]:
    for gpu in _field(answer, "gpus", list):
        prices, most = _field(gpu, "price", dict), _field(gpu, "maxCount", dict)
        name, maker = _text(gpu, "name"), _text(gpu, "manufacturer")
        for asked, tier in RUNPOD_TIERS.items():
            if asked not in prices and asked == "serverless":
                continue
            usd = _number(prices, asked)
            count = 1 if asked == "serverless" else _field(most, asked, int)
            is_sold = count > 0 and (asked == "serverless" or _field(gpu, asked, bool))
            if maker == "NVIDIA" and is_sold and usd > 0:
                yield _gpu("runpod", tier, name, usd, today, most=count)


def modal_prices(answer: Any, known: Sequence[Price], today: date) -> Iterator[Price]:
    if not isinstance(answer, dict):
        raise Odd("it is no object")
    for rate in NEEDED:
        _field(answer, rate, str)
    listed = {price.item: price for price in known if price.provider == "modal"}
    for rate, value in answer.items():
        gpu = rate.removeprefix(MODAL_GPU)
        item = MODAL_NAMES.get(gpu, gpu.upper().replace("_", "-"))
        unit = GPU_HOUR if gpu != rate else ""
        if rate in MODAL_RATES:
            item, unit = MODAL_RATES[rate]
        if unit and item in listed:  # a GPU that `gpu=` does not take is no use
            usd = _decimal(rate, value)
            yield replace(listed[item], usd=usd, unit=unit, source=ITS_CLI, read=today)


def _gpu(
    provider: str,
    tier: str,
    item: str,
    usd: float,
    today: date,
    *,
    gpus: int = 1,
    most: int = 0,
    billed: int = 1,
) -> Price:
    most = max(gpus, most)
    return Price(provider, tier, item, gpus, most, usd, GPU_HOUR, billed, 0.0, 0.0, ITS_API, today)


def check_prices(found: Sequence[Price]) -> list[Price]:
    """The cheapest of those that are the same, as the reader of a price file allows them."""
    if not any(price.unit == GPU_HOUR for price in found):
        raise Odd("no GPU has a price")
    falling = sorted(found, key=lambda price: -price.usd)
    unique = {(p.tier, p.item, p.gpus): p for p in falling}
    try:
        return [*parse_prices(format_prices(PriceCatalog(tuple(unique.values())))).prices]
    except DataError as error:
        raise Odd(str(error.problems[0].message).rstrip(".")) from None


def _field(node: Any, name: str, kind: Callable[..., Any]) -> Any:
    value = node.get(name) if isinstance(node, dict) else None
    if type(value) is not kind:
        raise Odd(f"without {name!r}, or with one of another type")
    return value


def _number(node: Any, name: str) -> float:
    value = node.get(name) if isinstance(node, dict) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e6:
        raise Odd(f"{name!r} is no price")
    return float(value)


def _decimal(name: str, value: Any) -> float:
    try:
        found = float(value) if isinstance(value, str) else math.nan
    except ValueError:
        found = math.nan
    if not 0 < found < 1e6:
        raise Odd(f"{name!r} is no price")
    return found


def _text(node: Any, name: str) -> str:
    value: str = _field(node, name, str)
    if not (value.strip() and value.isprintable() and len(value) <= 80):
        raise Odd(f"{name!r} is no name")
    return value.strip()
