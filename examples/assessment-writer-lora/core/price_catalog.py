"""What GPUs, cores, memory and disks cost at each provider: `prices.csv`, where every row has its source and date."""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path

from core.errors import DataError, DataProblem, UserError, list_nearest

PACKAGED = Path(__file__).with_name("prices.csv")
OLD = 30  # days, after which prices are no longer trusted
TIERS = ("on-demand", "secure", "community", "serverless-flex", "serverless-active", "spot")
GPU_HOUR, CORE_HOUR, GIB_HOUR = "GPU-hour", "core-hour", "GiB-hour"
UNITS = (GPU_HOUR, CORE_HOUR, GIB_HOUR, "GiB-month", "GB-month", "month")

# How a name of any provider is told; the first that is found names the kind. A memory in GB, or the
# way it is built in, belongs to a name where both kinds are on sale at different prices.
KINDS = (
    (r"PRO.?6000", "RTX-PRO-6000"),
    (r"6000.?ADA", "RTX-6000-ADA"),
    (r"(GH200|B300|B200)\b", r"\1"),
    (r"(H[12]00)\b.*(PCIE|NVL)", r"\1-\2"),
    (r"(H200|H100|L40S|L40|L4|T4|V100)\b", r"\1"),
    (r"A100\b.*40", "A100-40GB"),
    (r"A100\b", "A100-80GB"),
    (r"A10G?\b", "A10"),
    (r"A(\d{4}|40)\b", r"A\1"),
    (r"\b(?:RTX.?)?([345]0[6-9]0(?:.?TI)?)\b", r"RTX-\1"),
    (r"RTX.?(\d{4})", r"RTX-\1"),
)


@dataclass(frozen=True)
class Price:
    """One row.

    Args:
        tier: How it is rented; one of `TIERS`.
        item: What the provider calls it.
        gpus: Of a machine; 0 where the item is no GPU.
        most_gpus: That one machine may have at this price of each.
        usd: For one `unit`; for one GPU of a machine that has several.
        billed_seconds: What time is rounded up to.
        minimum: That is billed, in cores; of a GPU in seconds.
        included: For nothing, in the unit of the item.
        read: When it was read at its source.
        superseded: When another price was found in its place.
    """

    provider: str
    tier: str
    item: str
    gpus: int
    most_gpus: int
    usd: float
    unit: str
    billed_seconds: int
    minimum: float
    included: float
    source: str
    read: date
    superseded: date | None = None

    @property
    def kind(self) -> str:
        return kind_of(self.item) if self.unit == GPU_HOUR else self.item

    @property
    def usd_per_hour(self) -> float:
        """Of the whole machine, where it is rented by the hour."""
        return self.usd * max(self.gpus, 1)

    def age_days(self, today: date) -> int:
        return (today - self.read).days

    def of(self, gpus: int) -> "Price":
        """The same machine with so many GPUs, which `most_gpus` allows."""
        return replace(self, gpus=gpus)


def kind_of(gpu: str) -> str:
    """One name for what several providers call differently, such as `A100-80GB`."""
    name = gpu.upper().strip()
    for pattern, kind in KINDS:
        if found := re.search(pattern, name):
            return re.sub(r"[ _]", "-", found.expand(kind))
    return name


@dataclass(frozen=True)
class PriceCatalog:
    prices: tuple[Price, ...]

    @property
    def current(self) -> tuple[Price, ...]:
        return tuple(price for price in self.prices if price.superseded is None)

    @property
    def providers(self) -> list[str]:
        return [*dict.fromkeys(price.provider for price in self.current)]

    def gpu_prices(
        self, *, provider: str = "", gpu: str = "", gpus: int = 0, tiers: Iterable[str] = ()
    ) -> list[Price]:
        """What there is, the cheapest GPU-hour first.

        Args:
            gpu: By any name; blank takes all.
            gpus: Of one machine; 0 takes each size as it is listed.
            tiers: None takes all.

        Raises:
            UserError: No such provider or GPU.
        """
        wanted = [*tiers] or TIERS
        offered = [p for p in self._of(provider) if p.unit == GPU_HOUR and p.tier in wanted]
        named = [p for p in offered if not gpu or p.kind == kind_of(gpu) or p.item == gpu]
        if gpu and not named:
            raise UserError(_no_such("GPU", gpu, (p.kind for p in offered), provider))
        sized = [p.of(gpus or p.gpus) for p in named if not gpus or p.gpus <= gpus <= p.most_gpus]
        return sorted(sized, key=lambda p: (p.usd, p.usd_per_hour, p.provider, p.tier, p.item))

    def price(self, provider: str, item: str, tier: str = "on-demand") -> Price:
        """
        Raises:
            UserError: There is no such row.
        """
        offered = [p for p in self._of(provider) if p.tier == tier]
        for price in offered:
            if price.item == item:
                return price
        raise UserError(_no_such("price", item, (p.item for p in offered), provider))

    def past(self, provider: str, item: str, read: date) -> Price:
        """A price of another day.

        Raises:
            UserError: There is no such row.
        """
        offered = [p for p in self.prices if p.provider == provider and p.read == read]
        for price in offered:
            if price.item == item:
                return price
        raise UserError(_no_such("price", item, (p.item for p in offered), provider))

    def _of(self, provider: str) -> list[Price]:
        if provider and provider not in self.providers:
            raise UserError(_no_such("provider", provider, self.providers))
        return [price for price in self.current if provider in ("", price.provider)]


def read_prices(path: Path = PACKAGED) -> PriceCatalog:
    """
    Raises:
        DataError: With each row that cannot be.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(DataProblem(str(path), f"cannot be read ({error}).")) from None
    return parse_prices(text, str(path))


def parse_prices(text: str, file: str = PACKAGED.name) -> PriceCatalog:
    """
    Raises:
        DataError: With each row that cannot be.
    """
    names = [field.name for field in fields(Price)]
    rows = csv.DictReader(text.splitlines())
    if rows.fieldnames != names:
        raise DataError(DataProblem(file, f"has to start with the line {','.join(names)}."))
    prices: list[Price] = []
    problems: list[DataProblem] = []
    for number, row in enumerate(rows, 2):
        try:
            prices.append(_price(row))
        except (ValueError, TypeError) as error:
            problems.append(DataProblem(file, f"{error}.", row=number))
    if problems or not prices:
        raise DataError(*problems or [DataProblem(file, "has no prices.")])
    return PriceCatalog(tuple(prices))


def format_prices(catalog: PriceCatalog) -> str:
    """What `parse_prices` reads."""
    names = [field.name for field in fields(Price)]
    lines = [[_cell(getattr(price, name)) for name in names] for price in catalog.prices]
    return "".join(f"{','.join(cells)}\n" for cells in [names, *lines])


def age_warnings(prices: Iterable[Price], today: date) -> list[str]:
    """A sentence for each provider with prices that are older than `OLD`."""
    oldest: dict[str, Price] = {}
    for price in sorted(prices, key=lambda price: price.read):
        oldest.setdefault(price.provider, price)
    return [
        f"Prices of {name} were read up to {price.age_days(today)} days ago ({price.read}):"
        f" ml-training prices refresh --provider {name} asks for today's."
        for name, price in oldest.items()
        if price.age_days(today) > OLD
    ]


def _price(row: dict[str, str]) -> Price:
    if None in row or None in row.values():
        raise ValueError(f"has not {len(fields(Price))} values")
    price = Price(
        provider=row["provider"],
        tier=row["tier"],
        item=row["item"],
        gpus=int(row["gpus"]),
        most_gpus=int(row["most_gpus"]),
        usd=float(row["usd"]),
        unit=row["unit"],
        billed_seconds=int(row["billed_seconds"]),
        minimum=float(row["minimum"]),
        included=float(row["included"]),
        source=row["source"],
        read=date.fromisoformat(row["read"]),
        superseded=date.fromisoformat(row["superseded"]) if row["superseded"] else None,
    )
    if price.tier not in TIERS:
        raise ValueError(f"has the tier {price.tier!r}, not one of {', '.join(TIERS)}")
    if price.unit not in UNITS:
        raise ValueError(f"has the unit {price.unit!r}, not one of {', '.join(UNITS)}")
    if not (0 < price.usd < float("inf") and price.billed_seconds > 0):
        raise ValueError("wants a price and a time billed above 0")
    if not all(0 <= value < float("inf") for value in (price.minimum, price.included)):
        raise ValueError("wants what is billed at the least, and what is included, from 0 up")
    if (price.unit == GPU_HOUR) != (0 < price.gpus <= price.most_gpus):
        raise ValueError("has a number of GPUs that does not fit its unit")
    if not (price.provider and price.item and price.source):
        raise ValueError("wants a provider, an item and a source")
    return price


def _cell(value: object) -> str:
    text = "" if value is None else f"{value:.10g}" if isinstance(value, float) else str(value)
    return '"{}"'.format(text.replace('"', '""')) if set(text) & set(',"\n') else text


def _no_such(what: str, name: str, known: Iterable[str], provider: str = "") -> str:
    """A sentence with the nearest names first."""
    owner = f"{provider} has" if provider else "There is"
    return f"{owner} no {what} {name!r}: choose {list_nearest(known, name)}."
