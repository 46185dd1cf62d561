"""Room for some jobs of one kind, so that none of them waits for those of another kind."""

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any

from app.worker.leases import Lease


class Lane:
    def __init__(self, kind: str, size: int) -> None:
        self.kind = kind
        self.tasks: dict[asyncio.Task[None], Lease] = {}
        self._size = size
        self._news = asyncio.Event()

    @property
    def is_full(self) -> bool:
        return len(self.tasks) >= self._size

    @property
    def leases(self) -> list[str]:
        return [lease.worker for lease in self.tasks.values()]

    def start(self, lease: Lease, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self.tasks[task] = lease
        task.add_done_callback(self._end)

    def wake(self) -> None:
        """There may be work, or room for it."""
        self._news.set()

    async def wait(self, seconds: float) -> None:
        """Until `wake`, but not longer."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), seconds)
        self._news.clear()

    def _end(self, task: asyncio.Task[None]) -> None:
        del self.tasks[task]
        self.wake()
