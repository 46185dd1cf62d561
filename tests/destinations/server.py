"""What the places have in common: requests that can fail, bodies that can break off, ranges."""

import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

CHUNK = 1 << 14  # bytes


@dataclass
class Fault:
    """What happens to the next requests that it fits.

    Args:
        status: The answer; 0 lets the connection break instead.
        after: Bytes of a body that pass before it breaks.
        skip: Requests that it lets pass.
    """

    method: str
    path: str  # regular expression
    status: int
    after: int = 0
    times: int = 1
    skip: int = 0
    act: Callable[[], None] | None = None


@dataclass
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]  # by lower-case names
    body: bytes
    is_whole: bool = True

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def bearer(self) -> str:
        return self.headers.get("authorization", "").removeprefix("Bearer ")


@dataclass
class Answer:
    status: int = 200
    body: Any = b""  # bytes as they are, else JSON
    headers: tuple[tuple[str, str], ...] = ()


class FakeServer:
    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.requests: list[Request] = []
        self.failures: list[str] = []  # a handler's thread cannot fail a test
        self.lock = threading.RLock()
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1

            def any(self) -> None:
                fake._handle(self)

            do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = any

            def log_message(self, *_: Any) -> None: ...

        class Server(ThreadingHTTPServer):
            def handle_error(self, *_: Any) -> None:
                """Of a client that has gone; any other is in `failures`."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def fail(self, method: str, path: str, status: int, times: int = 1) -> None:
        self.faults.append(Fault(method, path, status, times=times))

    def cut(self, method: str, path: str, after: int, times: int = 1, skip: int = 0) -> None:
        """Let the connection break within a body."""
        self.faults.append(Fault(method, path, 0, after, times, skip))

    def during(self, method: str, path: str, act: Callable[[], None], skip: int = 0) -> None:
        """Let something happen while the next such request waits for its answer."""
        self.faults.append(Fault(method, path, 200, skip=skip, act=act))

    def received(self, method: str, path: str) -> int:
        """Bytes of bodies that came."""
        return sum(len(r.body) for r in self.asked(method, path))

    def asked(self, method: str, path: str) -> list[Request]:
        return [r for r in self.requests if r.method == method and re.search(path, r.path)]

    def answer(self, request: Request) -> Answer:
        raise NotImplementedError

    def content(self, request: Request, content: bytes, **headers: str) -> Answer:
        """What a file holds, or the part of it that was asked for."""
        first = re.fullmatch(r"bytes=(\d+)-", request.headers.get("range", ""))
        start = int(first[1]) if first else 0
        told = tuple(headers.items())
        if first and start >= len(content):
            return Answer(416, b"", told)
        if first:
            told += (("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}"),)
        return Answer(206 if first else 200, content[start:], told)

    def _handle(self, handler: BaseHTTPRequestHandler) -> None:
        url = urlsplit(handler.path)
        path, method = unquote(url.path), handler.command
        fault = self._fault(method, path)
        size = int(handler.headers.get("Content-Length", 0))
        is_cut = fault is not None and fault.status == 0 and method not in ("GET", "HEAD")
        assert fault or not is_cut
        body = handler.rfile.read(min(size, fault.after) if fault and is_cut else size)
        headers = {name.lower(): value for name, value in handler.headers.items()}
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        request = Request(method, path, query, headers, body, is_whole=not is_cut)
        try:
            with self.lock:
                self.requests.append(request)
                if fault and fault.act:
                    fault.act()
                    answer = self.answer(request)
                elif fault and fault.status:
                    answer = Answer(fault.status, {"error": "told to", "message": "told to"})
                else:
                    answer = self.answer(request)
        except Exception as error:  # noqa: BLE001 - the test is to hear of it
            self.failures.append(f"{method} {path}: {error!r}")
            answer = Answer(418)
        if is_cut:
            handler.close_connection = True
            return
        _send(handler, answer, fault.after if fault and not fault.status else None)

    def _fault(self, method: str, path: str) -> Fault | None:
        with self.lock:
            for fault in self.faults:
                if not fault.times or fault.method != method or not re.search(fault.path, path):
                    continue
                if fault.skip:
                    fault.skip -= 1
                    continue
                fault.times -= 1
                return fault
        return None


def _send(handler: BaseHTTPRequestHandler, answer: Answer, limit: int | None) -> None:
    content = answer.body
    if not isinstance(content, bytes):
        content = json.dumps(content).encode()
    handler.send_response(answer.status)
    for name, value in answer.headers:
        handler.send_header(name, value)
    if answer.status != 204:
        handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    if handler.command != "HEAD":
        handler.wfile.write(content[:limit])
    if limit is not None:
        handler.close_connection = True
