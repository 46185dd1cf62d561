"""Which addresses on the internet a user may have this server talk to."""

import asyncio
import ipaddress
import re
import socket
from ipaddress import IPv4Address, IPv6Address
from typing import Protocol

Address = IPv4Address | IPv6Address

# https://www.iana.org/assignments/iana-ipv4-special-registry beyond what `is_global` knows
CLOSED_IPV4 = [ipaddress.IPv4Network(net) for net in ("192.0.0.0/24", "192.88.99.0/24")]
# All of IPv6 that is routed; loopback, local, mapped, NAT64 and multicast addresses lie outside.
OPEN_IPV6 = ipaddress.IPv6Network("2000::/3")
# https://www.iana.org/assignments/iana-ipv6-special-registry: Teredo and the like,
# documentation, 6to4, documentation
CLOSED_IPV6 = [
    ipaddress.IPv6Network(net) for net in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
]
NUMBER = re.compile(r"(\d+|0x[0-9a-f]*)", re.IGNORECASE)


class Resolver(Protocol):
    async def __call__(self, host: str, port: int) -> list[Address]: ...


async def resolve(host: str, port: int) -> list[Address]:
    """Ask DNS; none for a name that it does not know."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        return []
    return [ipaddress.ip_address(str(entry[4][0])) for entry in found]


def is_public(address: Address) -> bool:
    """Whether it belongs to the internet at large, and to nothing near this server."""
    if isinstance(address, IPv6Address):
        is_closed = any(address in net for net in CLOSED_IPV6)
        return address in OPEN_IPV6 and not is_closed and address.scope_id is None
    is_closed = address.is_multicast or any(address in net for net in CLOSED_IPV4)
    return address.is_global and not is_closed


def is_odd_number(host: str) -> bool:
    """Whether it is an address written as 2130706433, 0x7f.1 or 0177.0.0.1."""
    if not NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]):
        return False
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        return True
    return False
