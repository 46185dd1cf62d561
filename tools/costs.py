"""Works out the figures of docs/costs.md by `core/prices.csv`: `python -m tools.costs [--check]`."""

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from ml_training.core_modules import find_core
from tools.written import ROOT, write

find_core()

from core.estimate.cost import HOUR, MONTH, Job, training_bill
from core.price_catalog import Price, PriceCatalog, read_prices
from ml_training.serving_cost import (
    DAY,
    Load,
    Server,
    ServingOption,
    judge_cpu,
    serving_options,
)

PAGE = "docs/costs.md"
FIGURES = re.compile(r"(?s)(<!-- figures: (\w+) -->\n).*?(?=<!-- end of figures -->)")
BRIEF = date(2025, 11, 1)
ITS_REQUESTS = Load(1000, 2.0)  # of the brief
PREDICTIONS = 10_000  # a month, of RedAI
TRAININGS = 4  # a month, of RedAI
CPU_SECONDS = 0.0031  # benchmarks/README.md: a linear model beside its server, p50
ENCODER_SECONDS = 0.012  # the same: an encoder, one connection, p50
SMALL = Server(cores=0.25, memory_gib=0.5, startup_seconds=5.0)  # holds a linear model
USUAL = Server()


@dataclass(frozen=True)
class Example:
    """One of the brief's sums, where `said` is what it says itself."""

    what: str
    provider: str
    item: str
    gpus: int
    hours: float
    said: float
    clock: int = 0  # seconds that are billed at once; 0 as the provider does
    remark: str = ""

    def past_usd(self, catalog: PriceCatalog) -> float:
        return self._usd(catalog.past(self.provider, self.item, BRIEF).of(self.gpus))

    def usd(self, catalog: PriceCatalog) -> float:
        """Of the GPUs alone."""
        return self._usd(self._price(catalog))

    def whole_usd(self, catalog: PriceCatalog) -> float:
        """With start, end, cores and memory."""
        return training_bill(catalog, self._price(catalog), Job(self.hours * HOUR)).total_usd

    def _price(self, catalog: PriceCatalog) -> Price:
        found = catalog.gpu_prices(provider=self.provider, gpu=self.item, gpus=self.gpus)[0]
        return self._by_clock(found)

    def _usd(self, price: Price) -> float:
        alone = Job(self.hours * HOUR, 0.0, 0.0, cores=0.0, memory_gib=0.0)
        usd: float = training_bill(PRICES, self._by_clock(price), alone).usd["GPU"]
        return usd

    def _by_clock(self, price: Price) -> Price:
        return replace(price, billed_seconds=self.clock) if self.clock else price


PRICES = read_prices()
EXAMPLES = (
    Example("7B, one T4 of Modal, 4 h", "modal", "T4", 1, 4, 2.36),
    Example(
        "the same, one A10 of Lambda",
        *("lambda", "A10", 1, 4, 1.24),
        remark="0.31 USD an hour is in no price list that we have: 0.75 is the least",
    ),
    Example("the same, one A100 40 GB of Modal", "modal", "A100-40GB", 1, 4, 8.40),
    Example("the same, eight V100 of Lambda", "lambda", "V100", 8, 4, 17.60),
    Example("LoRA, eight A100 40 GB of Modal, 4 h", "modal", "A100-40GB", 8, 4, 67.20),
    Example("20 minutes of an A100 40 GB, by the second", "modal", "A100-40GB", 1, 1 / 3, 0.70),
    Example("the same by the started hour", "modal", "A100-40GB", 1, 1 / 3, 2.10, clock=HOUR),
    Example(
        "sentiment classifier, one T4, 1.5 h",
        *("modal", "T4", 1, 1.5, 1.50),
        remark="its own price gives 0.89",
    ),
)


def table(head: Sequence[str], rows: Iterator[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def examples() -> str:
    head = ("what", "the brief", "by its price", "GPU today", "whole bill today", "")
    return table(
        head,
        (
            (
                example.what,
                f"{example.said:.2f}",
                f"{example.past_usd(PRICES):.2f}",
                f"{example.usd(PRICES):.2f}",
                f"**{example.whole_usd(PRICES):.2f}**",
                example.remark,
            )
            for example in EXAMPLES
        ),
    )


def parts() -> str:
    """Of the first example."""
    price = PRICES.gpu_prices(provider="modal", gpu="T4")[0]
    bill = training_bill(PRICES, price, Job(4 * HOUR))
    shown = ", ".join(f"{part} {usd:.2f}" for part, usd in bill.usd.items())
    seconds = ", ".join(f"{part} {s:g}" for part, s in bill.seconds.items() if s)
    return f"The first row, in USD: {shown}. In seconds: {seconds}. Prices read {bill.read}.\n"


def requests() -> str:
    past = PRICES.past("modal", "T4", BRIEF).usd
    asked = ITS_REQUESTS.requests_per_day * ITS_REQUESTS.seconds
    rows = [("the brief says", "0.09"), ("by its price, 2,000 seconds", _usd(asked * past / HOUR))]
    for burst in (1, 20, 100):
        option = _option(replace(ITS_REQUESTS, burstiness=burst), "modal", gpu="T4")
        said = f"with start and waiting, requests {_burst(burst)}: {_time(option)}"
        rows.append((said, f"**{_usd(option.usd_per_month / MONTH * 24)}**"))
    return table(("1,000 requests a day of 2 s on a T4 of Modal", "USD a day"), iter(rows))


def redai() -> str:
    daily = PREDICTIONS / (MONTH / 24)
    cpu = Load(daily, CPU_SECONDS)
    whole = EXAMPLES[0].whole_usd(PRICES) * TRAININGS
    rows = [
        ("the brief: 4 trainings, 10,000 requests at 0.0005", "9.44", "5.00", "14.44"),
        ("the same requests by its own price of a T4", "9.44", _at(PREDICTIONS * 2), ""),
    ]
    for burst in (1, 20):
        option = _option(Load(daily, 2.0, burst), "modal", gpu="T4")
        rows.append(
            _line(f"T4 of Modal from 0, {_burst(burst)}, whole bill", whole, option.usd_per_month)
        )
    for burst in (1, 20):
        option = _option(replace(cpu, burstiness=burst), "modal", server=SMALL, cpu=CPU_SECONDS)
        said = f"**a CPU of Modal from 0, {_burst(burst)}; trained on a laptop**"
        rows.append(_line(said, 0.0, option.usd_per_month))
    option = _option(cpu, "modal", server=SMALL, cpu=CPU_SECONDS, on=True)
    rows.append(_line("a CPU of Modal, always on; trained on a laptop", 0.0, option.usd_per_month))
    shown = [(*row[:3], row[3] or f"{float(row[1]) + float(row[2]):.2f}") for row in rows]
    head = ("USD a month", "training", "answers", "together")
    return table(head, iter(shown)) + f"\n{_verdicts(daily)}\n"


def _verdicts(daily: float) -> str:
    linear = judge_cpu(Load(daily, CPU_SECONDS), CPU_SECONDS)[1]
    encoder = judge_cpu(Load(daily, ENCODER_SECONDS), ENCODER_SECONDS)[1]
    return f"For `linear`: {linear} For an encoder: {encoder}"


def _option(
    load: Load,
    provider: str,
    *,
    gpu: str = "",
    server: Server = USUAL,
    cpu: float | None = None,
    on: bool = False,
) -> ServingOption:
    found = serving_options(PRICES, load, gpu=gpu, server=server, cpu_seconds=cpu)
    wanted = (o for o in found if o.price.provider == provider and o.is_always_on == on)
    return next(o for o in wanted if bool(o.price.gpus) == (cpu is None))


def _line(what: str, training: float, answers: float) -> tuple[str, str, str, str]:
    return what, f"{training:.2f}", f"{answers:.2f}", ""


def _at(seconds: float) -> str:
    return f"{seconds * PRICES.past('modal', 'T4', BRIEF).usd / HOUR:.2f}"


def _burst(requests: int) -> str:
    return "each by itself" if requests == 1 else f"{requests} at a time"


def _time(option: ServingOption) -> str:
    starts = option.usage.cold_starts
    return f"{option.usage.billed_seconds / DAY:.0%} of the day, {starts:.0f} cold starts"


def _usd(amount: float) -> str:
    return f"{amount:.2f}"


BLOCKS: dict[str, Callable[[], str]] = {
    "brief": examples,
    "parts": parts,
    "daily": requests,
    "redai": redai,
}


def costs() -> dict[str, str]:
    """The text of the page, by its path."""
    text = (ROOT / PAGE).read_text(encoding="utf-8")
    return {PAGE: FIGURES.sub(lambda found: found[1] + BLOCKS[found[2]](), text)}


if __name__ == "__main__":
    sys.exit(write(costs(), sys.argv[1:]))
