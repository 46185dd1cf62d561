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
    """With fresh prices in the place of those of the same provider and unit.

    What its answer does not tell, as the price of a disk, stays with its own date.
    """
    from core.price_catalog import PriceCatalog

    told = {(price.provider, price.unit) for price in fresh}
    kept = [p for p in catalog.prices if p.superseded or (p.provider, p.unit) not in told]
    return PriceCatalog((*fresh, *kept))


def bring_up_to_date(
    providers: Sequence[str], file: Path | None, today: date
) -> "tuple[Path, list[Price]]":
    """Ask the providers; all of them answer, or nothing is written. The file, and what is new in it.

    Args:
        file: With prices, such as a project's; None for the user's own.

    Raises:
        Problem: As soon as one of them does not answer.
    """
    from ml_training.apply import write_file
    from ml_training.price_sources import fetch_prices

    find_core()
    from core.price_catalog import PriceCatalog, format_prices, read_prices

    with core_problems():
        catalog = read_prices(file) if file else current_prices()
    known = [*read_prices().current, *catalog.current]  # what is on sale again was known before
    fresh = [price for name in providers for price in fetch_prices(name, known, today)]
    renewed = renew(catalog, fresh)
    if not file:
        with_own = {*providers, *_providers_of(users_file())}
        renewed = PriceCatalog(tuple(p for p in renewed.current if p.provider in with_own))
    write_file(target := file or users_file(), format_prices(renewed))
    return target, fresh


def _providers_of(file: Path) -> list[str]:
    from core.price_catalog import read_prices

    return read_prices(file).providers if file.exists() else []


def _last_read(prices: Sequence["Price"]) -> date:
    return max((price.read for price in prices), default=date.min)
