"""How prices and ways to serve are shown: a table for people, dictionaries for JSON."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.price_catalog import Price
    from ml_training.serving_cost import ServingOption

HEAD = ["USD/GPU-hour", "GPUs", "GPU", "provider", "tier", "its name", "by the", "read"]
SERVING_HEAD = ["USD/month", "USD/1,000", "cold starts/day", "machine", "provider", "tier", "read"]
CLOCKS = {1: "second", 60: "minute", 3600: "hour"}


def row(price: "Price") -> list[str]:
    gpus = str(price.gpus)
    if price.most_gpus > price.gpus:
        gpus += f"-{price.most_gpus}"
    clock = CLOCKS.get(price.billed_seconds, f"{price.billed_seconds} seconds")
    usd = f"{price.usd:.4f}"
    row = [usd, gpus, price.kind, price.provider, price.tier, price.item]
    return [*row, clock, str(price.read)]


def beside(price: "Price") -> str:
    said = f"{price.usd:.10g} USD a {price.unit}"
    said += f", {price.minimum:g} at the least" if price.minimum else ""
    return said + (f", {price.included:g} for nothing" if price.included else "")


def serving_row(option: "ServingOption") -> list[str]:
    always = "always on" if option.is_always_on else "from 0"
    return [
        f"{option.usd_per_month:.2f}",
        f"{option.usd_per_thousand:.4f}",
        f"{option.usage.cold_starts:.1f}",
        f"{option.price.kind if option.price.gpus else 'CPU'}, {always}",
        option.price.provider,
        option.price.tier,
        str(option.read),
    ]


def table(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(f"{cell:{w}}" for cell, w in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


def sources(found: "Iterable[Price]") -> str:
    read = dict.fromkeys(f"  {price.provider}, {price.read}: {price.source}" for price in found)
    return "\n".join(["Read:", *sorted(read)])


def credit(options: "Sequence[ServingOption]") -> str:
    credits = {o.price.provider: o.credit_usd for o in options if o.credit_usd}
    return "".join(
        f"{name} gives {usd:g} USD a month, which is not taken off."
        for name, usd in credits.items()
    )


def as_dict(price: "Price") -> dict[str, Any]:
    return {
        "provider": price.provider,
        "tier": price.tier,
        "item": price.item,
        "kind": price.kind,
        "gpus": price.gpus,
        "most_gpus": price.most_gpus,
        "usd": price.usd,
        "unit": price.unit,
        "usd_per_hour": price.usd_per_hour if price.gpus else None,
        "billed_seconds": price.billed_seconds,
        "source": price.source,
        "read": price.read.isoformat(),
    }


def option_as_dict(option: "ServingOption") -> dict[str, Any]:
    return {
        "provider": option.price.provider,
        "tier": option.price.tier,
        "machine": option.price.kind if option.price.gpus else "CPU",
        "always_on": option.is_always_on,
        "usd_per_month": option.usd_per_month,
        "usd_per_thousand_requests": option.usd_per_thousand,
        "usd_by_part": dict(option.usd),
        "billed_seconds_per_day": option.usage.billed_seconds,
        "cold_starts_per_day": option.usage.cold_starts,
        "credit_usd_per_month": option.credit_usd,
        "read": option.read.isoformat(),
    }
