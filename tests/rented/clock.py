"""Time that passes when it is told to."""

from collections.abc import Callable

import httpx

STEP = 15.0  # seconds; whatever looks at the time looks at least this often
START = 1_800_000_000.0


class VirtualClock:
    def __init__(self) -> None:
        self.now = START
        self.listeners: list[Callable[[float], None]] = []

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        until = self.now + seconds
        while self.now < until:
            self.now = min(until, self.now + STEP)
            for listener in self.listeners:
                listener(self.now)


class RemoteClock:
    """The clock of another process, which serves it at `/clock`."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=60)

    def time(self) -> float:
        return float(self._client.get("/clock").text)

    def sleep(self, seconds: float) -> None:
        self._client.post("/clock", content=str(seconds)).raise_for_status()
