"""What passes through the pages' server: streams as they come, files of any size, nothing else."""

import http.client
import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from tests.backend import Backend
from tests.web.fake_backend import PATIENCE, FakeBackend, fake_backend
from tests.web.stack import MEGABYTE, Node, Pages, memory

pytestmark = pytest.mark.slow

LARGE = 300  # megabytes, of which the server may keep a part
KEPT = 150
AS_A_BROWSER = {"Accept-Encoding": "gzip, deflate, br", "Accept": "text/event-stream"}
HIDDEN = [
    "metrics",
    "healthz",
    "readyz",
    "docs",
    "openapi.json",
    "..%2fmetrics",
    "%2e%2e/metrics",
    "ml%2f..%2fmetrics",
    "ml/..%2fmetrics",
    "ml/..%2f..%2fmetrics",
    "ml/%2e%2e/metrics",
    "ml/%2e%2e%2fmetrics",
    "ml/%252e%252e%252fmetrics",
    "ml/..%5cmetrics",
    "ml/..;/metrics",
    "auth/..%2fmetrics",
]


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeBackend]:
    with fake_backend() as fake:
        yield fake


@pytest.fixture(scope="module")
def proxy(web: Node, fake: FakeBackend) -> Iterator[Pages]:
    with web.serving(ML_API_URL=fake.url) as pages:
        yield pages


@pytest.fixture(scope="module")
def client(proxy: Pages) -> Iterator[httpx.Client]:
    with client_of(proxy) as client:
        yield client


@pytest.fixture(autouse=True)
def steps(fake: FakeBackend) -> None:
    fake.reset()


def client_of(pages: Pages) -> httpx.Client:
    return httpx.Client(base_url=f"{pages.url}/ml/api/", trust_env=False, timeout=PATIENCE + 30)


def test_events_come_one_by_one(client: httpx.Client, fake: FakeBackend) -> None:
    assert_streams(client, fake)


def test_events_come_one_by_one_while_developing(web: Node, fake: FakeBackend) -> None:
    with web.serving("dev", ML_API_URL=fake.url) as pages, client_of(pages) as client:
        assert_streams(client, fake)


def assert_streams(client: httpx.Client, fake: FakeBackend) -> None:
    with client.stream("GET", "ml/events", headers=AS_A_BROWSER) as answer:
        assert answer.headers["content-type"] == "text/event-stream"
        assert "content-encoding" not in answer.headers
        events = (json.loads(line[6:]) for line in answer.iter_lines() if line.startswith("data: "))
        assert next(events) == {"number": 1}
        fake.is_seen.set()
        assert next(events) == {"number": 2, "seen": True}


def test_who_leaves_a_stream_ends_it(client: httpx.Client, fake: FakeBackend) -> None:
    with client.stream("GET", "ml/endless", headers=AS_A_BROWSER) as answer:
        assert next(answer.iter_raw())
        assert not fake.is_left.is_set()
    assert fake.is_left.wait(PATIENCE)


def test_an_upload_streams(client: httpx.Client, fake: FakeBackend, proxy: Pages) -> None:
    def body() -> Iterator[bytes]:
        yield b"a" * MEGABYTE
        assert fake.has_begun.wait(PATIENCE), "the backend has to have the start before the end"
        yield from (b"a" * MEGABYTE for _ in range(LARGE - 1))

    client.get("ml/name")  # so that the server has loaded what it needs
    before = memory(proxy)
    answer = client.post("ml/file", content=body())
    assert answer.json() == {"received": LARGE * MEGABYTE}
    assert memory(proxy) - before < KEPT * MEGABYTE


def test_an_upload_with_a_length_streams(
    client: httpx.Client, fake: FakeBackend, proxy: Pages
) -> None:
    """As a browser sends a file."""
    before = memory(proxy)
    length = {"Content-Length": str(LARGE * MEGABYTE)}
    content = (b"a" * MEGABYTE for _ in range(LARGE))
    assert client.post("ml/file", content=content, headers=length).is_success
    assert memory(proxy) - before < KEPT * MEGABYTE


def test_a_download_waits_for_its_reader(client: httpx.Client, proxy: Pages) -> None:
    before = memory(proxy)
    with client.stream(
        "GET", f"ml/file?megabytes={LARGE}", headers={"Accept-Encoding": "identity"}
    ) as answer:
        parts = answer.iter_raw()
        received = len(next(parts))
        assert memory(proxy) - before < KEPT * MEGABYTE
        received += sum(len(part) for part in parts)
    assert received == LARGE * MEGABYTE
    assert memory(proxy) - before < KEPT * MEGABYTE


def test_who_leaves_an_upload_ends_it(proxy: Pages, fake: FakeBackend) -> None:
    class Left(Exception):
        pass

    def body() -> Iterator[bytes]:
        yield b"a" * MEGABYTE
        assert fake.has_begun.wait(PATIENCE)
        raise Left

    with client_of(proxy) as client, pytest.raises(Left):
        client.post("ml/file", content=body(), headers={"Content-Length": str(2 * MEGABYTE)})
    assert fake.is_left.wait(PATIENCE)


def test_a_problem_passes_as_it_is(client: httpx.Client) -> None:
    answer = client.get("ml/problem")
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == "Not now."


def test_cookies_stay_where_they_are(client: httpx.Client, fake: FakeBackend) -> None:
    sent = {"Cookie": "session=of-the-host", "Authorization": "Bearer token"}
    answer = client.get("ml/name", headers=sent)
    assert "set-cookie" not in answer.headers
    assert fake.headers["authorization"] == "Bearer token"
    assert "cookie" not in fake.headers


def test_a_backend_that_is_away_is_said(web: Node) -> None:
    with web.serving(ML_API_URL="http://127.0.0.1:1") as pages, client_of(pages) as client:
        answer = client.get("ml/name")
    assert answer.status_code == 502
    assert "cannot be reached" in answer.json()["detail"]


@pytest.mark.parametrize("path", HIDDEN)
def test_nothing_else_of_the_backend_is_reached(pages: Pages, path: str) -> None:
    address = urlsplit(pages.url)
    connection = http.client.HTTPConnection(
        str(address.hostname), address.port
    )  # sends it as it is
    connection.request("GET", f"/ml/api/{path}")
    assert connection.getresponse().status == 404


def test_every_route_asks_who_it_is(pages: Pages, backend: Backend, web: Node) -> None:
    described = json.loads((web.folder / "openapi.json").read_text("utf-8"))["paths"]
    routes = [
        (method, path) for path, item in described.items() for method in item if path[:4] == "/ml/"
    ]
    assert len(routes) > 30
    with client_of(pages) as client:
        for method, path in routes:
            answer = client.request(method, filled(path).removeprefix("/"))
            assert answer.status_code == 401, f"{method} {path}: {answer.text}"


def filled(path: str) -> str:
    some = {"number": "1", "name": "trades"}
    parts = (
        some.get(part[1:-1], "00000000-0000-4000-8000-000000000000") if part[0] == "{" else part
        for part in path[1:].split("/")
    )
    return "/" + "/".join(parts)
