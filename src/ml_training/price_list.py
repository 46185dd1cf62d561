"""The prices that commands go by: those that came with us, or the user's own where they are newer."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_data_path

from ml_training.core_modules import core_problems, find_core

if TYPE_CHECKING:
    from core.price_catalog import Price, PriceCatalog


def users_file() -> Path:
    """What `ml-training prices refresh` writes."""
    return user_data_path("ml-training", appauthor=False) / "prices.csv"


def current_prices() -> "PriceCatalog":
    """
    Raises:
        UsageProblem: The user's file is broken.
    """
    find_core()
    from core.price_catalog import read_prices

    file = users_file()
    with core_problems():
        return merge(read_prices(), read_prices(file)) if file.exists() else read_prices()


def merge(packaged: "PriceCatalog", own: "PriceCatalog") -> "PriceCatalog":
    """Of each provider the list that was read last, and what was superseded as we have it."""
    from core.price_catalog import PriceCatalog

    past = [price for price in packaged.prices if price.superseded]
    current: list[Price] = []
    for provider in dict.fromkeys([*packaged.providers, *own.providers]):
        ours, users = (
            [price for price in catalog.current if price.provider == provider]
            for catalog in (packaged, own)
        )
        current += users if _last_read(users) >= _last_read(ours) else ours
    return PriceCatalog((*current, *past))


def renew(catalog: "PriceCatalog", fresh: Sequence["Price"]) -> "PriceCatalog":
    """With fresh prices in the place of those of the same provider, tier and unit.

    What the provider was not asked for, as the price of a disk, stays with its own date.
    """
    from core.price_catalog import PriceCatalog

    asked = {(price.provider, price.tier, price.unit) for price in fresh}
    kept = [p for p in catalog.prices if p.superseded or (p.provider, p.tier, p.unit) not in asked]
    return PriceCatalog((*fresh, *kept))


def of_providers(catalog: "PriceCatalog", providers: Sequence[str]) -> "PriceCatalog":
    from core.price_catalog import PriceCatalog

    return PriceCatalog(tuple(p for p in catalog.current if p.provider in providers))


def _last_read(prices: Sequence["Price"]) -> date:
    return max((price.read for price in prices), default=date.min)
