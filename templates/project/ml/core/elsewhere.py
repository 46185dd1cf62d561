"""What `train.py --cloud` does at every provider: an estimate first, going on, and saying how it failed."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from core.command import Task, require_data
from core.errors import ExitCode, UserError
from core.machines import Offer
from core.mirror import note
from core.records import read_records
from core.rental_settings import RentalOptions
from core.run import reopen

# What this machine decides, whatever the run was started with.
OWN = {*RentalOptions.model_fields, "max_minutes", "output"}


class OfferForecast(Protocol):
    """What a training will need and cost on what is offered."""

    def order(self, provider: str, offers: Sequence[Offer]) -> list[Offer]:
        """Those that it fits, the cheapest for all of it first, of which the estimate is printed.

        Raises:
            UserError: It fits none of them.
        """

    def facts(self, provider: str, offer: Offer) -> dict[str, Any]:
        """For an event, to be compared with what comes."""


class Unknown:
    """Of a training that cannot be estimated: every offer is as good as its price.

    Args:
        reason: A sentence; blank says nothing.
    """

    def __init__(self, reason: str = "") -> None:
        self._reason = reason

    def order(self, provider: str, offers: Sequence[Offer]) -> list[Offer]:
        if self._reason:
            print(f"estimate  none: {self._reason}", flush=True)
        return [*offers]

    def facts(self, provider: str, offer: Offer) -> dict[str, Any]:
        return {}


def foresee(task: Task[Any], settings: Any) -> OfferForecast:
    """Check the data before anything is paid for, and what the training will take.

    Raises:
        DataError: With every problem of the data.
    """
    data = require_data(task, settings)
    if task.forecast is None or data is None:
        return Unknown()
    try:
        forecast: Any = task.forecast(settings, data)
    except UserError as error:
        return Unknown(str(error))
    known: OfferForecast = forecast
    return known


def order_offers(
    forecast: OfferForecast, provider: str, offers: Sequence[Offer], left: float
) -> list[Offer]:
    """What is tried in turn; it is said if the money will hardly do.

    Args:
        left: USD that may be spent.

    Raises:
        UserError: The training fits none of them.
    """
    ordered = forecast.order(provider, offers)
    expected = forecast.facts(provider, ordered[0]).get("usd", 0.0)
    if expected > left:
        print(
            f"warning: {expected:.2f} USD are expected, and --max-cost leaves {left:.2f}: it will end"
            " before, with a checkpoint.",
            flush=True,
        )
    return ordered


def find_run(settings: Any) -> tuple[Any, Path | None]:
    """The settings and the folder of the run that --resume goes on with; else none, and those given.

    Raises:
        UserError: There is no such run, or `settings` contradict it.
    """
    if not settings.resume:
        return settings, None
    before, run = reopen(settings)
    return before.model_copy(update={name: getattr(settings, name) for name in OWN}), run


def note_returned(run: Path, name: str, cost: float) -> None:
    """The bill, beside what was expected.

    Args:
        name: Of what was rented.
        cost: USD of the whole job.
    """
    note(run, "returned", cost, machine=name)
    events = read_records(run / "events.jsonl")
    expected = [event["usd"] for event in events if event["event"] == "estimate"]
    beside = f", of which {expected[-1]:.2f} were expected" if expected else ""
    print(f"cost      {cost:.2f} USD{beside}", flush=True)
    if expected and json.loads((run / "config.json").read_text(encoding="utf-8"))["debug"]:
        print("By its speed: python train.py --estimate", flush=True)


def failure(place: str, code: int) -> UserError:
    """Of a training that ended by itself.

    Args:
        place: Where, as a sentence says it.
        code: Its exit code, which is ours as well.
    """
    error = UserError(f"The training failed {place}; what it printed above says why.")
    error.exit_code = ExitCode(code) if code in {*ExitCode} else ExitCode.BUG
    return error
