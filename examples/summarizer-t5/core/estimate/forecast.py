"""The estimate of a project's own training: shown before anything is rented, and kept beside the truth."""

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

from core.errors import UserError
from core.estimate.base_model import read_base_model
from core.estimate.cost import IDLE, STARTUP
from core.estimate.estimator import Estimator, Quote
from core.estimate.gpus import GIB, find_gpu
from core.estimate.history import measured_here, read_history
from core.estimate.memory_advice import ChangeName, advise
from core.estimate.table import Row, duration, row_as_dict, rows_of, show_table
from core.estimate.workload import Workload
from core.price_catalog import PACKAGED, age_warnings, read_prices

HOUR = 3600  # seconds
METHODS: tuple[ChangeName, ...] = ("lora", "qlora")  # that there are algorithms for


class Offer(Protocol):
    """What can be rented, at the price of the whole machine."""

    @property
    def gpu(self) -> str: ...
    @property
    def gpus(self) -> int: ...
    @property
    def usd_per_hour(self) -> float: ...


Offered = TypeVar("Offered", bound=Offer)


class Forecast:
    """
    Args:
        model: Folder of the model, whose runs correct it.

    Raises:
        UserError: The base model's configuration cannot be read, or is of no family that is known.
    """

    def __init__(self, workload: Workload, model: Path = Path()) -> None:
        architecture = read_base_model(workload.base_model)
        self._estimator = Estimator(workload, architecture, read_history(model))
        self._model = model

    def show(self) -> None:
        """A table of every GPU that can be rented, the cheapest first."""
        rows = rows_of(self._estimator, read_prices())
        show_table(rows)
        if (seconds := self._seconds_here()) is not None:
            print(f"\nOn this machine, by the speed of its last run: {duration(seconds)}, free.")
        warnings = _warnings(rows)
        for warning in warnings:
            print(f"warning: {warning}", file=sys.stderr)
        if warnings:
            print(f"With --write {os.path.relpath(PACKAGED)}, for this project.", file=sys.stderr)

    def to_json(self, provider: str) -> dict[str, Any]:
        """The same as JSON, of what is listed at one provider.

        Args:
            provider: Blank where only this machine trains.

        Raises:
            UserError: Nothing is listed there.
        """
        rows = rows_of(self._estimator, read_prices(), provider=provider) if provider else []
        return {
            "provider": provider or "local",
            "gpus": [row_as_dict(row) for row in rows],
            "seconds_here": self._seconds_here(),
            "warnings": _warnings(rows),
        }

    def cheapest(self, provider: str) -> str:
        """The best that is listed there, in a few words.

        Raises:
            UserError: Nothing is listed there.
        """
        row = rows_of(self._estimator, read_prices(), provider=provider)[0]
        return (
            f"{row.quote.gpu.name}: {row.quote.verdict}, {duration(row.quote.time.seconds)},"
            f" {row.usd:.2f} USD ({row.least_usd:.2f} to {row.most_usd:.2f})"
        )

    def order(self, provider: str, offers: Sequence[Offered]) -> list[Offered]:
        """Those that it fits, the cheapest for all of it first, of which the estimate is shown.

        Raises:
            UserError: It fits none of them.
        """
        shared = [offer for offer in offers if self._estimator.can_share(offer.gpus)]
        if not shared:
            rows = self._estimator.workload.setup.micro_batch
            raise UserError(
                f"{offers[0].gpu}: {rows} rows of a batch can't be shared by its GPUs: change --batch."
            )
        known = [(offer, self._quote(offer)) for offer in shared]
        possible = [(o, q) for o, q in known if q is None or not q.is_hopeless]
        if not possible:
            raise UserError(self._refusal([quote for _, quote in known if quote]))

        def rank(pair: tuple[Offered, Quote | None]) -> tuple[bool, bool, float]:
            offer, quote = pair
            if quote is None:
                return True, True, offer.usd_per_hour
            return False, quote.verdict != "fits", self._usd(provider, offer, quote)

        ordered = sorted(possible, key=rank)
        print(f"estimate  {self._sentence(provider, *ordered[0])}", flush=True)
        return [offer for offer, _ in ordered]

    def facts(self, provider: str, offer: Offer) -> dict[str, Any]:
        """For an event, to be compared with what comes."""
        quote = self._quote(offer)
        if quote is None:
            return {}
        return {
            "gpu": quote.gpu.name,
            "gpus": quote.gpus,
            "method": quote.setup.method,
            "base_model": self._estimator.workload.base_model,
            "samples_per_second": round(self._estimator.samples_per_second(quote.time), 3),
            "seconds": round(quote.time.seconds, 1),
            "usd": round(self._usd(provider, offer, quote), 4),
            "needed_bytes": quote.memory.needed,
        }

    def _seconds_here(self) -> float | None:
        rate = measured_here(self._model)
        return None if rate is None else round(self._estimator.workload.samples / rate, 1)

    def _quote(self, offer: Offer) -> Quote | None:
        if not offer.gpus:
            return None
        try:
            return self._estimator.quote(find_gpu(offer.gpu), offer.gpus)
        except UserError:  # a new one: it may be tried
            return None

    def _usd(
        self, provider: str, offer: Offer, quote: Quote, seconds: float | None = None
    ) -> float:
        work = quote.time.seconds if seconds is None else seconds
        around = STARTUP.get(provider, 0.0) + IDLE.get(provider, 0.0)
        return (work + around) / HOUR * offer.usd_per_hour

    def _sentence(self, provider: str, offer: Offer, quote: Quote | None) -> str:
        if quote is None:
            return f"none for {offer.gpu}, at {offer.usd_per_hour:.2f} USD an hour"
        time = quote.time
        low, usd, high = (
            self._usd(provider, offer, quote, seconds)
            for seconds in (time.fastest, time.seconds, time.slowest)
        )
        return (
            f"{offer.gpu}: {quote.verdict} ({quote.memory.needed / GIB:.1f} of"
            f" {quote.gpu.gibibytes:.1f} GiB), {duration(time.seconds)}"
            f" ({duration(time.fastest)} to {duration(time.slowest)}),"
            f" {usd:.2f} USD ({low:.2f} to {high:.2f})"
        )

    def _refusal(self, quotes: Sequence[Quote]) -> str:
        largest = max(quotes, key=lambda quote: quote.gpu.memory)
        needed = f"{largest.memory.needed / GIB:.1f} GiB"
        advice = advise(
            self._estimator.architecture,
            largest.setup,
            largest.gpu,
            allowed=METHODS,
            most_gpus=largest.gpus,
        )
        then = f"; it would with {advice.reason}" if advice else ""
        return (
            f"The training needs {needed} on each GPU, one row at a time, and {largest.gpu.name} has"
            f" {largest.gpu.gibibytes:.1f}{then}: choose a larger --gpu or a smaller --base-model."
        )


def _warnings(rows: Sequence[Row]) -> list[str]:
    return age_warnings([row.price for row in rows], datetime.now(UTC).date())
