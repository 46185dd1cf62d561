"""How often somebody did something in the last seconds."""

import time
from collections import deque
from collections.abc import Callable


class MovingWindow:
    """Counts in this process.

    Own, as the storage of `limits` sends a thread through all of its keys with every hit.
    """

    def __init__(
        self, amount: int, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._amount = amount
        self._seconds = seconds
        self._clock = clock
        self._hits: dict[tuple[str, ...], deque[float]] = {}
        self._tidy_at = 0.0

    def hit(self, *key: str) -> bool:
        """Count one more, if there may be one more."""
        self._tidy()
        hits = self._recent(key)
        if len(hits) >= self._amount:
            return False
        hits.append(self._clock())
        self._hits[key] = hits
        return True

    def left(self, *key: str) -> int:
        """How many more there may be."""
        return self._amount - len(self._recent(key))

    def wait(self, *key: str) -> float:
        """Seconds until the oldest no longer counts."""
        hits = self._recent(key)
        return hits[0] + self._seconds - self._clock() if hits else 0

    def _recent(self, key: tuple[str, ...]) -> deque[float]:
        hits = self._hits.get(key) or deque()
        while hits and hits[0] <= self._clock() - self._seconds:
            hits.popleft()
        return hits

    def _tidy(self) -> None:
        """Forget who has not been here for long."""
        if self._clock() >= self._tidy_at:
            self._hits = {key: hits for key in [*self._hits] if (hits := self._recent(key))}
            self._tidy_at = self._clock() + self._seconds
