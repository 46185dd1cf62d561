"""Addresses that users name: only public ones are read, however they are written or hidden."""

import asyncio
import gzip
import ipaddress
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from app.core.addresses import Address, is_public, resolve
from app.core.downloads import Downloader, _parse
from app.core.problems import Problem

CLOSED = [
    # IPv4: this host, private, shared (CGNAT), loopback, link-local with the clouds' metadata,
    # protocol assignments, documentation, benchmarks, 6to4 relays, multicast, reserved, broadcast
    *("0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255"),
    *("127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.255.255"),
    *("192.0.0.1", "192.0.0.170", "192.0.2.1", "192.88.99.1", "192.168.0.1", "192.168.255.255"),
    *("198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1"),
    *("224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),
    # IPv6: unspecified, loopback, IPv4-compatible, IPv4-mapped, NAT64, discard, Teredo, ORCHID,
    # documentation, 6to4, unique local, link-local, site-local, multicast
    *("::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:127.0.0.1"),
    *("64:ff9b::7f00:1", "64:ff9b:1::a00:1", "100::1", "2001::1", "2001:10::1", "2001:20::1"),
    *("2001:db8::1", "3fff::1", "2002:7f00:1::1", "5f00::1", "fc00::1", "fd12:3456::1"),
    *("fe80::1", "fe80::1%1", "fec0::1", "ff02::1", "ff0e::1"),
]
OPEN = ["8.8.8.8", "1.1.1.1", "100.63.255.255", "100.128.0.1", "172.32.0.1", "2606:4700::1111"]
PUBLIC = ipaddress.ip_address("93.184.215.14")

Respond = Callable[[str, str], AsyncIterator[bytes]]


@pytest.mark.parametrize("address", CLOSED)
def test_closed(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", OPEN)
def test_open(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


class Names:
    """A DNS whose answers are given, one after the other."""

    def __init__(self, *answers: list[str]) -> None:
        self.asked: list[str] = []
        self._answers = list(answers)

    async def __call__(self, host: str, port: int) -> list[Address]:
        self.asked.append(host)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return [ipaddress.ip_address(address) for address in answer]


async def refusal(url: str, downloader: Downloader | None = None) -> Problem:
    with pytest.raises(Problem) as problem:
        await read(downloader or Downloader(), url)
    return problem.value


async def read(downloader: Downloader, url: str, limit: int = 1000) -> tuple[str, bytes]:
    async with downloader.open(url, limit) as download:
        return download.suffix, b"".join([chunk async for chunk in download.chunks])


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "2130706433", "0x7f000001", "0177.0.0.1", "0x7f.1", "127.1", "127.0.0.1."),
        *("0", "00.0.0.0", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]"),
        *(
            "[fe80::1]",
            "localhost",
            "localhost.",
            "169.254.169.254",
            "\uff11\uff12\uff17.0.0.1",
            "127\u30020\u30020\u30021",
        ),
    ],
)
async def test_hosts_near_this_server_are_refused(host: str) -> None:
    problem = await refusal(f"http://{host}/data.csv")
    assert problem.status_code == 422
    assert problem.faults[0].field == "url"


@pytest.mark.parametrize(
    "url",
    [
        *(
            "ftp://example.com/a.csv",
            "file:///etc/passwd",
            "gopher://example.com/",
            "//example.com/",
        ),
        *("http:///a.csv", "http://", "nonsense", "http://[::1", "http://exa mple.com/"),
        *("https://user:secret@example.com/a.csv", "https://user@example.com/a.csv"),
        *("http://example.com:22/", "https://example.com:80/", "http://example.com:443/"),
        *("http://example.com:6379/", "http://example.com:0/", "http://example.com:99999/"),
    ],
)
async def test_addresses_of_other_kinds_are_refused(url: str) -> None:
    names = Names([str(PUBLIC)])
    problem = await refusal(url, Downloader(resolve=names))
    assert problem.status_code == 422
    assert names.asked == []


@pytest.mark.parametrize("answer", [[], ["10.0.0.1"], [str(PUBLIC), "127.0.0.1"], ["::1"]])
async def test_names_of_closed_addresses_are_refused(answer: list[str]) -> None:
    problem = await refusal("https://example.com/a.csv", Downloader(resolve=Names(answer)))
    assert problem.status_code == 422


async def test_unknown_names_are_refused() -> None:
    assert await resolve("no-such-host.invalid", 80) == []


class Site:
    """A server on this machine, and a downloader that lets it pass for a public one."""

    def __init__(self, port: int, requests: list[str]) -> None:
        self.requests = requests
        self.names = Names(["127.0.0.1"])
        self.downloader = Downloader(
            resolve=self.names,
            is_allowed=lambda address: str(address) == "127.0.0.1",
            is_open_port=lambda scheme, number: number == port,
            seconds=1,
        )
        self.url = f"http://data.example:{port}"


@asynccontextmanager
async def serving(respond: Respond) -> AsyncIterator[Site]:
    requests: list[str] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        requests.append(head)
        try:
            async for chunk in respond(head.split()[1], head):
                writer.write(chunk)
                await writer.drain()
        except ConnectionError:
            pass
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield Site(server.sockets[0].getsockname()[1], requests)


def answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join([*head, "", ""]).encode() + body


async def test_reads_a_file() -> None:
    async def respond(path: str, head: str) -> AsyncIterator[bytes]:
        yield answer(b"a,b\n1,2\n")

    async with serving(respond) as site:
        assert await read(site.downloader, f"{site.url}/data.CSV?x=1#y") == (".csv", b"a,b\n1,2\n")
    port = site.url.rpartition(":")[2]
    assert f"Host: data.example:{port}\r\n" in site.requests[0]
    assert "Accept-Encoding: identity" in site.requests[0]
    assert "GET /data.CSV?x=1 HTTP" in site.requests[0]


@pytest.mark.parametrize(
    ("path", "headers", "suffix"),
    [
        ("/export", ["Content-Type: text/csv; charset=utf-8"], ".csv"),
        ("/export", ["Content-Type: application/x-ndjson"], ".jsonl"),
        ("/export", ['Content-Disposition: attachment; filename="rows.tsv"'], ".tsv"),
        ("/rows.parquet", ["Content-Type: application/octet-stream"], ".parquet"),
        ("/page.html", ["Content-Type: text/html"], ""),
    ],
)
async def test_knows_the_kind_of_file(path: str, headers: list[str], suffix: str) -> None:
    async def respond(path: str, head: str) -> AsyncIterator[bytes]:
        yield answer(b"x", *headers)

    async with serving(respond) as site:
        assert await read(site.downloader, site.url + path) == (suffix, b"x")


async def test_a_host_is_resolved_once() -> None:
    async def respond(path: str, head: str) -> AsyncIterator[bytes]:
        yield answer(b"x")

    async with serving(respond) as site:
        site.names._answers = [["127.0.0.1"], ["10.0.0.1"]]  # a second look would lead elsewhere
        assert await read(site.downloader, f"{site.url}/a.csv") == (".csv", b"x")
    assert site.names.asked == ["data.example"]


async def test_a_redirect_is_checked_like_the_address() -> None:
    moved = {"to": ""}

    async def respond(path: str, head: str) -> AsyncIterator[bytes]:
        there = answer(b"", f"Location: {moved['to']}", status="302 Found")
        yield there if path == "/moved" else answer(b"x")

    async with serving(respond) as site:
        moved["to"] = "/data.csv"
        assert await read(site.downloader, f"{site.url}/moved") == (".csv", b"x")
        for moved["to"] in (
            *("http://169.254.169.254/latest/meta-data", "file:///etc/passwd", "http://[::1]/"),
            *("http://user:secret@data.example/", "http://data.example:22/", "http://[", ""),
        ):
            assert (await refusal(f"{site.url}/moved", site.downloader)).status_code == 422
        site.names._answers = [["127.0.0.1"], ["10.0.0.1"]]
        moved["to"] = f"{site.url}/data.csv"
        assert (
            "not on the public internet"
            in (await refusal(f"{site.url}/moved", site.downloader)).detail
        )


async def test_redirects_come_to_an_end() -> None:
    async def respond(path: str, head: str) -> AsyncIterator[bytes]:
        yield answer(b"", "Location: /again", status="307 Temporary Redirect")

    async with serving(respond) as site:
        assert "more than 5 times" in (await refusal(f"{site.url}/", site.downloader)).detail
    assert len(site.requests) == 6


@pytest.mark.parametrize("announced", [True, False])
async def test_what_is_too_large_is_stopped(announced: bool) -> None:
    async def respond(path: str, head: str) -> AsyncIterator[bytes]:
        if announced:
            yield answer(b"x" * 2000)
            return
        yield b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        for _ in range(1000):
            yield b"64\r\n" + b"x" * 100 + b"\r\n"

    async with serving(respond) as site:
        assert (await refusal(f"{site.url}/a.csv", site.downloader)).status_code == 413


async def test_what_comes_compressed_is_not_unpacked() -> None:
    async def respond(path: str, head: str) -> AsyncIterator[bytes]:
        yield answer(gzip.compress(bytes(10_000_000))[:900], "Content-Encoding: gzip")

    async with serving(respond) as site:
        problem = await refusal(f"{site.url}/a.csv", site.downloader)
    assert "compressed (gzip)" in problem.detail


async def test_a_slow_body_is_given_up() -> None:
    async def respond(path: str, head: str) -> AsyncIterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n"
        for _ in range(100):
            yield b"x"
            await asyncio.sleep(0.1)

    async with serving(respond) as site:
        assert (await refusal(f"{site.url}/a.csv", site.downloader)).status_code == 504


@pytest.mark.parametrize("status", ["404 Not Found", "206 Partial Content", "500 Oops"])
async def test_errors_are_no_files(status: str) -> None:
    async def respond(path: str, head: str) -> AsyncIterator[bytes]:
        yield answer(b"oops", status=status)

    async with serving(respond) as site:
        problem = await refusal(f"{site.url}/a.csv", site.downloader)
    assert f"answers {status[:3]} instead of a file" in problem.detail


async def test_a_connection_that_breaks_is_said() -> None:
    async def respond(path: str, head: str) -> AsyncIterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nhalf"

    async with serving(respond) as site:
        assert (await refusal(f"{site.url}/a.csv", site.downloader)).status_code == 502


async def test_the_next_address_of_a_host_is_tried() -> None:
    async def respond(path: str, head: str) -> AsyncIterator[bytes]:
        yield answer(b"x")

    async with serving(respond) as site:
        site.names._answers = [["::1", "127.0.0.1"]]
        allowed = Downloader(
            resolve=site.names,
            is_allowed=lambda address: address.is_loopback,
            is_open_port=site.downloader.is_open_port,
        )
        assert await read(allowed, f"{site.url}/a.csv") == (".csv", b"x")


async def test_certificates_are_those_of_the_name() -> None:
    """TLS asks for the name, though the connection goes to the address."""
    downloader = Downloader(resolve=Names([str(PUBLIC)]))
    sent: list[tuple[Any, Any]] = []

    class Client:
        def build_request(self, *arguments: Any, **options: Any) -> None:
            sent.append((arguments, options))

        async def send(self, *_: Any, **__: Any) -> None: ...

    await downloader._ask(Client(), _parse("https://Bücher.example/a"))  # type: ignore[arg-type]
    arguments, options = sent[0]
    assert str(arguments[1]) == f"https://{PUBLIC}/a"
    assert options["headers"]["Host"] == "xn--bcher-kva.example"
    assert options["extensions"] == {"sni_hostname": "xn--bcher-kva.example"}
