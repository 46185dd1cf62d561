"""A backend whose every step the tests decide: nothing here depends on how fast a machine is."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from urllib.parse import parse_qs, urlsplit

CHUNK = 64 * 1024
PATIENCE = 30  # seconds until a step that does not come is a failure
PROBLEM = {"type": "/problems/conflict", "title": "Conflict", "status": 409, "detail": "Not now."}


class FakeBackend(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, name: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.name = name
        self.is_seen = Event()  # the test has what was sent so far
        self.has_begun = Event()  # the first bytes of a body are here
        self.is_left = Event()  # the client has gone
        self.received = 0  # bytes of the newest body
        self.headers: dict[str, str] = {}  # of the newest request

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def reset(self) -> None:
        for event in (self.is_seen, self.has_begun, self.is_left):
            event.clear()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FakeBackend

    def log_message(self, *arguments: object) -> None:
        """Nothing."""

    def do_GET(self) -> None:
        self.server.headers = {name.lower(): text for name, text in self.headers.items()}
        match urlsplit(self.path).path:
            case "/ml/name":
                self._answer(200, {"name": self.server.name})
            case "/ml/problem":
                self._answer(409, PROBLEM, "application/problem+json")
            case "/ml/events":
                self._stream("text/event-stream", self._events())
            case "/ml/endless":
                self._stream("text/event-stream", self._endless())
            case "/ml/file":
                megabytes = int(parse_qs(urlsplit(self.path).query)["megabytes"][0])
                self._stream("text/csv", (b"a" * CHUNK for _ in range(megabytes * 16)))
            case _:
                self._answer(404, {})

    def do_POST(self) -> None:
        self.server.received = 0
        try:
            for size in self._chunks():
                self.server.received += size
                self.server.has_begun.set()
        except (ConnectionError, ValueError):
            self.server.is_left.set()
            self.close_connection = True
        else:
            self._answer(200, {"received": self.server.received})

    def _events(self) -> Iterator[bytes]:
        """The second event waits until the first one is seen."""
        yield b'id: 1\ndata: {"number": 1}\n\n'
        was_seen = self.server.is_seen.wait(PATIENCE)
        yield f'id: 2\ndata: {{"number": 2, "seen": {json.dumps(was_seen)}}}\n\n'.encode()

    def _endless(self) -> Iterator[bytes]:
        while not self.server.is_left.wait(0.05):
            yield b": alive\n\n"

    def _chunks(self) -> Iterator[int]:
        """Sizes of the parts of a body, with its length or without."""
        if length := self.headers.get("content-length"):
            left = int(length)
            while left > 0:
                part = self.rfile.read(min(CHUNK, left))
                if not part:
                    raise ConnectionError
                left -= len(part)
                yield len(part)
            return
        while size := int(self.rfile.readline(), 16):
            self.rfile.read(size + 2)
            yield size
        self.rfile.readline()

    def _stream(self, kind: str, parts: Iterator[bytes]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            for part in parts:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
            self.wfile.write(b"0\r\n\r\n")
        except ConnectionError:
            self.server.is_left.set()
            self.close_connection = True

    def _answer(self, status: int, content: object, kind: str = "application/json") -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Set-Cookie", "session=of-the-backend")
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def fake_backend(name: str = "fake") -> Iterator[FakeBackend]:
    with FakeBackend(name) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
