"""Machines that can be rented: the words that training on them and each provider share."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from core.errors import ProviderError

HOME = "/srv/rental"  # folder on a rented machine that is ours


class NoCapacity(ProviderError):
    """No such machine is free there right now."""


class Unclear(ProviderError):
    """The provider did not say whether it has done what it was asked."""


@dataclass(frozen=True)
class Offer:
    """What can be rented.

    Args:
        gpu: What `--gpu` calls it.
        usd_per_hour: Of the whole machine.
        places: Where it is free right now.
        id: What the provider calls its GPU, where that is something else.
        aliases: What `--gpu` may call it besides.
    """

    gpu: str
    gpus: int
    usd_per_hour: float
    places: Sequence[str]
    id: str = ""
    aliases: Sequence[str] = ()


@dataclass(frozen=True)
class Machine:
    """What is rented, and costs money until it is ended."""

    id: str
    name: str
    state: str
    usd_per_hour: float
    address: "Address | None" = None  # once it can be reached


@dataclass(frozen=True)
class Address:
    host: str
    port: int
    user: str


@dataclass(frozen=True)
class Boot:
    """What a machine has to know from its first second.

    Args:
        deadline: When it has to end itself, in seconds since the epoch.
        authorized_key: Public key of whoever may log in.
        host_key: Private and public key that it proves itself with.
        files: Name and content of what its own folder holds.
    """

    name: str
    deadline: float
    authorized_key: str
    host_key: tuple[str, str]
    files: dict[str, str]


class Machines(Protocol):
    """A provider of machines."""

    title: str
    terminate: Path  # script that ends a machine from inside; `rental.json` lies beside it

    def offers(self) -> list[Offer]:
        """What there is, the cheapest first, whether it is free or not."""

    def rent(self, offer: Offer, place: str, boot: Boot) -> None:
        """
        Raises:
            NoCapacity: It is not free there any more.
            Unclear: It may be rented, or may be a little later: `live` tells.
        """

    def live(self) -> list[Machine]:
        """All that this account pays for right now."""

    def end(self, machine: Machine) -> None:
        """Ask for its end, which `live` tells; one that has ended already is no error."""
