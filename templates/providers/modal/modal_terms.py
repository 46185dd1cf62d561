"""What a training at Modal may cost and how long it may take; and what is said when it ends."""

import difflib
import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.elsewhere import failure
from core.errors import ExitCode, ProviderError, UserError
from core.machines import Offer
from core.pricing import choose
from core.rental import Rental, name_machine
from core.run import Stopped
from modal_prices import HOUR, offers, usd_per_hour

FALLBACKS = 3  # GPUs, of which the first that is free is taken
MINUTES = 60  # seconds
LONGEST = 24 * HOUR  # that Modal runs a function


def choose_offers(settings: Any, gone: float) -> list[Offer]:
    """The GPUs that may be tried, the cheapest first.

    Raises:
        UserError: No such GPU, or none within the limits of cost.
    """
    found = offers(settings.gpu)
    names = [offer.gpu for offer in found]
    if settings.gpu and settings.gpu not in names:
        near = difflib.get_close_matches(settings.gpu, names, n=3, cutoff=0.4)
        raise UserError(f"--gpu {settings.gpu}: Modal has {', '.join(near or names)}.")
    return choose(
        "Modal",
        found,
        gpu=settings.gpu,
        max_hourly=settings.max_hourly,
        max_cost=settings.max_cost,
        spent=gone,
    )


def create_rental(chosen: Sequence[Offer], max_cost: float, gone: float) -> Rental:
    """Which of the GPUs will be free is not known: the bill is counted by the dearest."""
    names = [offer.gpu for offer in chosen]
    price = usd_per_hour(names)
    now = time.time()
    seconds = min(LONGEST, (max_cost - gone) / price * HOUR)
    name = name_machine(Path.cwd().name)
    gpus = ", ".join(names)
    return Rental(name, gpus, chosen[0].gpus, price, now, now + seconds, gone)


def ending(settings: Any, rental: Rental, code: int | None, problem: str) -> Exception:
    """What is said of a training that left no artifact.

    Args:
        code: Exit code; None where it was ended.
        problem: By what.
    """
    if code == ExitCode.STOPPED:
        return Stopped(_limit(settings, rental), ExitCode.STOPPED)
    if code is None:
        return ProviderError(
            f"The training was ended at Modal ({problem}): go on with"
            " python train.py --resume --cloud, perhaps with another --gpu."
        )
    return failure("at Modal", code)


def _limit(settings: Any, rental: Rental) -> str:
    seconds = rental.deadline - rental.created
    if (settings.max_minutes or math.inf) * MINUTES < seconds:
        return f"--max-minutes {settings.max_minutes:g} is over"
    if round(seconds) == LONGEST:
        return "Modal runs nothing for longer than a day"
    return f"--max-cost {settings.max_cost:g} is nearly spent"
