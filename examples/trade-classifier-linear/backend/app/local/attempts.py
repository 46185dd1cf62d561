"""Failed sign-ins of an address or for an account: a few, then a pause."""

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

FAILURES = RateLimitItemPerMinute(10, 5)  # in five minutes


class Attempts:
    """Counts in this process."""

    def __init__(self) -> None:
        self._windows = MovingWindowRateLimiter(MemoryStorage())

    async def are_left(self, *keys: str) -> bool:
        return all([await self._windows.test(FAILURES, key) for key in keys])

    async def count_failure(self, *keys: str) -> None:
        for key in keys:
            await self._windows.hit(FAILURES, key)
