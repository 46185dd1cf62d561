"""GPUs that can be rented for a training side by side: the cheapest first, and why the others lose."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from core.errors import UserError
from core.estimate.cost import Bill, Job, training_bill
from core.estimate.estimator import Estimator, Quote
from core.estimate.gpus import GIB, find_gpu
from core.price_catalog import Price, PriceCatalog

HEAD = ("USD", "time", "GPU", "provider", "tier", "GiB", "verdict", "beside the first")
RENTED = ("on-demand", "secure")  # tiers that `train.py --cloud` rents
RANKS = {"fits": 0, "tight": 1, "does not fit": 2}


@dataclass(frozen=True, slots=True)
class Row:
    quote: Quote
    price: Price
    bill: Bill  # as expected
    least_usd: float
    most_usd: float

    @property
    def usd(self) -> float:
        return self.bill.total_usd


def rows_of(
    estimator: Estimator,
    catalog: PriceCatalog,
    *,
    provider: str = "",
    gpu: str = "",
    gpus: int = 1,
    tiers: Sequence[str] = RENTED,
    job: Job | None = None,
) -> list[Row]:
    """
    Args:
        gpus: Of one machine.
        job: What its bill is made of, besides its seconds.

    Raises:
        UserError: No such provider or GPU.
    """
    prices = catalog.gpu_prices(provider=provider, gpu=gpu, gpus=gpus, tiers=tiers)
    if not prices:
        raise UserError(f"Nobody lists {gpus} GPUs of that kind on one machine: ask for fewer.")
    rows = [row for price in prices if (row := _row(estimator, catalog, price, job)) is not None]
    return sorted(rows, key=lambda row: (RANKS[row.quote.verdict], row.usd))


def _row(estimator: Estimator, catalog: PriceCatalog, price: Price, job: Job | None) -> Row | None:
    try:
        gpu = find_gpu(price.item)
    except UserError:  # a new one: nobody knows how fast it is
        return None
    quote = estimator.quote(gpu, price.gpus)
    expected, least, most = (
        training_bill(catalog, price, Job(seconds) if job is None else job.taking(seconds))
        for seconds in (quote.time.seconds, quote.time.fastest, quote.time.slowest)
    )
    return Row(quote, price, expected, least.total_usd, most.total_usd)


def row_as_dict(row: Row) -> dict[str, Any]:
    quote, memory = row.quote, row.quote.memory
    return {
        "gpu": quote.gpu.name,
        "gpus": quote.gpus,
        "provider": row.price.provider,
        "tier": row.price.tier,
        "item": row.price.item,
        "verdict": quote.verdict,
        "micro_batch": quote.setup.micro_batch,
        "memory_bytes": {
            **asdict(memory.parts),
            "needed": memory.needed,
            "low": memory.low,
            "high": memory.high,
            "available": quote.gpu.memory,
        },
        "seconds": round(quote.time.seconds, 1),
        "seconds_range": [round(quote.time.fastest, 1), round(quote.time.slowest, 1)],
        "usd": round(row.usd, 4),
        "usd_range": [round(row.least_usd, 4), round(row.most_usd, 4)],
        "usd_by_part": {part: round(usd, 4) for part, usd in row.bill.usd.items()},
        "seconds_by_part": {part: round(s, 1) for part, s in row.bill.seconds.items()},
        "credit_usd_per_month": row.bill.credit_usd,
        "prices_read": row.bill.read.isoformat(),
    }


def show_table(rows: Sequence[Row]) -> None:
    cells = [HEAD, *(_cells(row, rows[0]) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for line in cells:
        text = "  ".join(f"{cell:{width}}" for cell, width in zip(line, widths, strict=True))
        print(text.rstrip())
    read = min(row.bill.read for row in rows)
    print(f"\nPrices read {read} or later; with start and end, cores, memory and disk.")


def why(row: Row, first: Row) -> str:
    """What it has against it, beside the first."""
    if row is first:
        return ""
    if row.quote.verdict == "does not fit":
        return f"{row.quote.memory.needed / GIB:.1f} GiB are needed"
    more, sooner = row.usd - first.usd, first.quote.time.seconds - row.quote.time.seconds
    speed = "sooner" if sooner >= 0 else "later"
    return f"{more:+.2f} USD, {duration(abs(sooner))} {speed}"


def duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h"


def _cells(row: Row, first: Row) -> tuple[str, ...]:
    quote = row.quote
    times = f"{quote.gpus}x " if quote.gpus > 1 else ""
    return (
        f"{row.usd:.2f} ({row.least_usd:.2f}-{row.most_usd:.2f})",
        duration(quote.time.seconds),
        f"{times}{quote.gpu.name}",
        row.price.provider,
        row.price.tier,
        f"{quote.memory.needed / GIB:.1f} of {quote.gpu.gibibytes:.1f}",
        quote.verdict,
        why(row, first),
    )
