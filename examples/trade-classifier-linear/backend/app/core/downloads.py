"""Files from addresses that users name, without lending them this server's place in the network."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Annotated
from urllib.parse import unquote

import httpx
from fastapi import Depends

from app.core.addresses import Address, Resolver, is_odd_number, is_public, resolve
from app.core.problems import Problem, invalid_field

REDIRECTS = 5
TIMEOUT = httpx.Timeout(10, read=30)  # seconds for each step
MINUTES = 60  # seconds
HOST = re.compile(rb"[a-z0-9._:-]+")
PORTS = {"http": 80, "https": 443}
HEADERS = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "ml-backend"}
MOVED = (301, 302, 303, 307, 308)
TYPES = {
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "application/json": ".json",
    "application/jsonl": ".jsonl",
    "application/x-ndjson": ".jsonl",
    "application/vnd.apache.parquet": ".parquet",
}


class Refused(Problem):
    """The address is not one that may be read, or what comes from it is not."""

    def __init__(self, message: str) -> None:
        super().__init__(422, f"url: {message}", invalid_field("url", message).faults)


@dataclass(frozen=True)
class Download:
    suffix: str
    """From the address, or from the media type; may be blank."""
    chunks: AsyncIterator[bytes]


def is_open_port(scheme: str, port: int) -> bool:
    return port == PORTS[scheme]


@dataclass(frozen=True)
class Downloader:
    """Reads a public address; each host is resolved once, and the connection goes there."""

    resolve: Resolver = resolve
    is_allowed: Callable[[Address], bool] = is_public
    is_open_port: Callable[[str, int], bool] = is_open_port
    seconds: float = 10 * MINUTES

    @asynccontextmanager
    async def open(self, url: str, limit: int) -> AsyncIterator[Download]:
        """What `url` answers, while the block runs.

        Raises:
            Refused: The address, a redirect, or the answer is not taken.
            Problem: The server does not answer, or not in time.
        """
        try:
            async with (
                asyncio.timeout(self.seconds),
                httpx.AsyncClient(timeout=TIMEOUT, trust_env=False) as client,
                self._follow(client, url) as (response, place),
            ):
                _check_answer(response, limit)
                yield Download(_suffix(response, place), _limited(response, limit))
        except (TimeoutError, httpx.TimeoutException):
            raise Problem(504, "The address did not send all of the file in time.") from None
        except httpx.HTTPError as error:
            detail = f"The address cannot be read: {str(error) or type(error).__name__}."
            raise Problem(502, detail) from None

    @asynccontextmanager
    async def _follow(
        self, client: httpx.AsyncClient, url: str
    ) -> AsyncIterator[tuple[httpx.Response, httpx.URL]]:
        place = _parse(url)
        for _ in range(REDIRECTS + 1):
            response = await self._ask(client, place)
            try:
                if response.status_code not in MOVED:
                    yield response, place
                    return
                place = _redirected(place, response)
            finally:
                await response.aclose()
        raise Refused(f"It redirects more than {REDIRECTS} times; give the last address")

    async def _ask(self, client: httpx.AsyncClient, place: httpx.URL) -> httpx.Response:
        addresses = await self._addresses(place)
        for address in addresses:
            # The address alone is in the URL, so that no second lookup can lead elsewhere.
            request = client.build_request(
                "GET",
                place.copy_with(host=str(address)),
                headers=HEADERS | {"Host": place.netloc.decode()},
                extensions={"sni_hostname": place.raw_host.decode()},
            )
            try:
                return await client.send(request, stream=True)
            except httpx.ConnectError:
                if address == addresses[-1]:
                    raise
        raise AssertionError("a host has an address")

    async def _addresses(self, place: httpx.URL) -> list[Address]:
        port = PORTS[place.scheme] if place.port is None else place.port
        if not self.is_open_port(place.scheme, port):
            raise Refused(f"Port {port} is not read; use 80 for http and 443 for https")
        if is_odd_number(place.host):
            raise Refused(f"Write the address {place.host} as four decimal numbers, or as a name")
        addresses = await self.resolve(place.raw_host.decode(), port)
        if not addresses:
            raise Refused(f"No host of the name {place.host} is known")
        if not all(map(self.is_allowed, addresses)):
            raise Refused(f"{place.host} is not on the public internet; upload the file instead")
        return addresses


def _parse(url: str) -> httpx.URL:
    try:
        place = httpx.URL(url)
    except (httpx.InvalidURL, UnicodeError):
        raise Refused("It is no address such as https://example.com/data.csv") from None
    if place.scheme not in PORTS or not HOST.fullmatch(place.raw_host):
        raise Refused("It has to begin with https:// or http:// and a host")
    if place.userinfo:
        raise Refused("Leave out the name and the password in it; only public files are read")
    return place.copy_with(fragment=None)


def _redirected(place: httpx.URL, response: httpx.Response) -> httpx.URL:
    location = response.headers.get("Location")
    if not location:
        raise Refused(f"It answers {response.status_code} without saying where the file is")
    try:
        return _parse(str(place.join(location)))
    except (httpx.InvalidURL, UnicodeError):
        raise Refused("It redirects to something that is no address") from None


def _check_answer(response: httpx.Response, limit: int) -> None:
    if response.status_code != 200:
        raise Refused(f"It answers {response.status_code} instead of a file")
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding != "identity":
        raise Refused(f"It answers compressed ({encoding}) though it was asked not to")
    length = response.headers.get("Content-Length", "")
    if length.isdecimal() and int(length) > limit:
        raise _too_large(limit)


async def _limited(response: httpx.Response, limit: int) -> AsyncIterator[bytes]:
    size = 0
    async for chunk in response.aiter_raw():
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        yield chunk


def _too_large(limit: int) -> Problem:
    return Problem(413, f"The file is larger than {limit:,} bytes.")


def _suffix(response: httpx.Response, place: httpx.URL) -> str:
    disposition = response.headers.get("Content-Disposition", "")
    named = re.search(r'filename="?([^";]+)', disposition)
    for name in (named[1] if named else "", unquote(place.path)):
        if (suffix := PurePosixPath(name).suffix.lower()) in TYPES.values():
            return suffix
    media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return TYPES.get(media_type, "")


async def downloader() -> Downloader:
    return Downloader()


AppDownloader = Annotated[Downloader, Depends(downloader)]
