"""A circuit breaker: a server that fails again and again is left alone for a while."""

import time
from collections.abc import Callable

FAILURES = 5  # in a row
REST = 10.0  # seconds


class Breaker:
    """Of one server. After its rest one request may try; the others wait for how that goes."""

    def __init__(self, rest: float = REST, clock: Callable[[], float] = time.monotonic) -> None:
        self._rest = rest
        self._clock = clock
        self._failures = 0
        self._try_at = 0.0

    def wait(self) -> float:
        """Seconds until the server may be asked; 0 lets this caller ask it."""
        if self._failures < FAILURES:
            return 0
        left = self._try_at - self._clock()
        if left <= 0:
            self._try_at = self._clock() + self._rest
        return max(0, left)

    def succeeded(self) -> None:
        self._failures = 0

    def failed(self) -> None:
        self._failures += 1
        self._try_at = self._clock() + self._rest
