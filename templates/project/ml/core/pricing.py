"""Which machine is rented: the cheapest that is free, within the limits of cost."""

from collections.abc import Sequence

from core.errors import UserError, list_names, list_nearest
from core.machines import NoCapacity, Offer

LEAST = 30  # minutes; what is rented for less has hardly started when it ends


def choose(
    title: str,
    offers: Sequence[Offer],
    *,
    gpu: str,
    max_hourly: float | None,
    max_cost: float,
    spent: float,
) -> list[Offer]:
    """What may be rented and is free, the cheapest first.

    Args:
        title: The provider, as a sentence names it.
        offers: The cheapest first.
        gpu: The one that is wanted; blank takes any.
        max_hourly: USD.
        max_cost: USD.
        spent: USD of it that are gone.

    Raises:
        UserError: No such GPU, or none within the limits.
        NoCapacity: None of them is free.
    """
    named = [offer for offer in offers if not gpu or _is_called(offer, gpu)]
    if not named:
        raise UserError(f"--gpu {gpu}: {title} has {list_nearest((o.gpu for o in offers), gpu)}.")
    price = f"{named[0].gpu} costs {named[0].usd_per_hour:.2f} USD an hour"
    within = [offer for offer in named if max_hourly is None or offer.usd_per_hour <= max_hourly]
    if not within:
        raise UserError(f"{price}: choose a cheaper --gpu, or raise --max-hourly {max_hourly:g}.")
    worth = [o for o in within if (max_cost - spent) / o.usd_per_hour * 60 >= LEAST]
    if not worth:
        so_far = f", of which {spent:.2f} are spent," if spent else ""
        raise UserError(
            f"{price}: --max-cost {max_cost:g}{so_far} has to pay for {LEAST} minutes of it at the"
            " least; raise it, or choose a cheaper --gpu."
        )
    free = [offer for offer in worth if offer.places]
    if not free:
        others = _names([offer for offer in offers if offer.places]) or "nothing"
        raise NoCapacity(
            f"{title} has no {_names(worth)} free in any region right now: try again later,"
            f" or with another --gpu; free is {others}."
        )
    return free


def _is_called(offer: Offer, gpu: str) -> bool:
    return gpu.casefold() in (name.casefold() for name in (offer.gpu, *offer.aliases))


def _names(offers: Sequence[Offer]) -> str:
    return list_names(offer.gpu for offer in offers)
