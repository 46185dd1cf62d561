"""A provider of machines on 127.0.0.1: it keeps a bill, fails when told to, and checks what it is asked."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

from tests.rented.clock import VirtualClock
from tests.rented.contract import Contract
from tests.rented.machine import SimulatedNode

BOOTS = 20.0  # seconds until a machine is ready
KEY = "canary-key-0123456789"


@dataclass
class Answer:
    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None  # sent as it is
    breaks: bool = False  # the connection ends without an answer
    acts: bool = False  # what was asked for is done, though the answer does not say so


@dataclass
class Machine:
    id: str
    name: str
    kind: str
    since: float
    node: SimulatedNode
    usd_per_hour: float
    ended: float | None = None
    boots: float = BOOTS
    is_hung: bool = False  # it never becomes ready, and its guard does not run


Fault = Callable[[str, str], Answer | None]


class Cloud:
    """
    Args:
        root: Folder for what is on the machines' disks.
    """

    title: str
    key_name: str  # environment variable
    document: str  # excerpt of the provider's OpenAPI document
    steps: ClassVar[dict[str, tuple[str, str]]]  # of a rental: method, and end of the path
    gpu: str  # the cheapest that it has
    other: str  # the next

    def __init__(self, root: Path, clock: VirtualClock) -> None:
        self.root = root
        self.clock = clock
        self.contract = Contract(self.document)
        self.machines: dict[str, Machine] = {}
        self.requests: list[tuple[str, str, Any]] = []
        self.faults: list[Fault] = []
        self.failures: list[str] = []  # of the contract; a handler's thread cannot fail a test
        self.boots = BOOTS
        self.is_hung = False
        self.lock = threading.RLock()
        cloud = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1  # an answer is one packet

            def handle_any(self) -> None:
                cloud.handle(self)

            do_GET = do_POST = do_DELETE = do_PATCH = handle_any

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        clock.listeners.append(self.tick)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    # What a test asks.

    @property
    def live(self) -> list[Machine]:
        return [machine for machine in self.machines.values() if machine.ended is None]

    def billed_seconds(self) -> float:
        now = self.clock.time()
        return sum((m.ended or now) - m.since for m in self.machines.values())

    def fail(self, step: str, *answers: Answer) -> None:
        """The next requests of a step get these answers, one each."""
        self.fail_path(*self.steps[step], *answers)

    def fail_path(self, method: str, path: str, *answers: Answer) -> None:
        """
        Args:
            path: Its end.
        """
        left = list(answers)

        def fault(asked: str, url: str) -> Answer | None:
            is_meant = left and asked == method and url.split("?")[0].endswith(path)
            return left.pop(0) if is_meant else None

        self.faults.append(fault)

    # What a provider does.

    def answer(self, method: str, path: str, body: Any) -> Answer:
        raise NotImplementedError

    def refuse(self, status: int, message: str) -> Answer:
        raise NotImplementedError

    def sell_out(self, gpu: str) -> None:
        raise NotImplementedError

    def may(self, token: str, method: str, path: str) -> bool:
        """Whether a key is good for that."""
        return token == KEY

    def environment(self, number: str) -> dict[str, str]:
        """Variables that a machine finds."""
        return {}

    def add(self, name: str, kind: str, usd_per_hour: float, files: dict[str, str]) -> Machine:
        number = f"{len(self.machines) + 1:032x}"
        node = SimulatedNode(self.root / number, files, self.clock, self.environment(number))
        machine = Machine(number, name, kind, self.clock.time(), node, usd_per_hour)
        machine.boots, machine.is_hung = self.boots, self.is_hung
        self.machines[number] = machine
        return machine

    def is_ready(self, machine: Machine) -> bool:
        return not machine.is_hung and self.clock.time() >= machine.since + machine.boots

    def end(self, machine: Machine) -> None:
        if machine.ended is None:
            machine.ended = self.clock.time()
            machine.node.kill()

    def tick(self, now: float) -> None:
        for machine in list(self.live):
            if self.is_ready(machine):
                machine.node.tick(now)

    def handle(self, request: BaseHTTPRequestHandler) -> None:
        length = int(request.headers.get("Content-Length") or 0)
        content = request.rfile.read(length)
        if request.path == "/clock":
            if request.command == "POST":
                self.clock.sleep(float(content))
            return _send(request, Answer(200, raw=str(self.clock.time()).encode()))
        body = json.loads(content) if content else None
        with self.lock:
            self.requests.append((request.command, request.path, body))
            answer = self._decide(request, body)
        if answer.breaks:
            request.close_connection = True
            return None
        return _send(request, answer)

    def _decide(self, request: BaseHTTPRequestHandler, body: Any) -> Answer:
        method, path = request.command, request.path
        for fault in self.faults:
            if faulty := fault(method, path):
                if faulty.acts:
                    self.answer(method, path, body)
                return faulty
        token = (request.headers.get("Authorization") or "").removeprefix("Bearer ")
        if not self.may(token, method, path):
            return self.refuse(401, "API key was invalid, expired, or deleted.")
        try:
            self.contract.check_request(method, path, body)
            answer = self.answer(method, path, body)
            self.contract.check_answer(method, path, answer.status, answer.body)
        except AssertionError as error:
            self.failures.append(str(error))
            return self.refuse(400, str(error))
        return answer


def _send(request: BaseHTTPRequestHandler, answer: Answer) -> None:
    content = answer.raw
    if content is None:
        content = b"" if answer.body is None else json.dumps(answer.body).encode()
    request.send_response(answer.status)
    for name, value in answer.headers.items():
        request.send_header(name, value)
    request.send_header("Content-Type", "application/json")
    request.send_header("Content-Length", str(len(content)))
    request.end_headers()
    request.wfile.write(content)
    request.wfile.flush()
