"""Gathers waiting requests into batches of about the same length, the oldest first."""

import asyncio
import os
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Generic, TypeVar

WINDOW = 256  # oldest jobs to pick a batch from
SPREAD = 0.25  # a job may be this much longer or shorter than the oldest: padding costs more than it saves


Item = TypeVar("Item")
Answer = TypeVar("Answer")


class QueueFull(Exception):
    """More is waiting than the server can answer soon."""


@dataclass(slots=True, eq=False)
class Job(Generic[Item, Answer]):
    item: Item
    size: int  # tokens
    answer: asyncio.Future[Answer]


def available_cores() -> int:
    """Cores that this process may use, which in a container are not all."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def choose(sizes: Sequence[int], budget: int) -> list[int]:
    """Places of the next batch: the oldest job, then those closest to it in length.

    The oldest is always taken, so no job waits for ever; `longest * count` stays within the budget.
    """
    oldest = longest = sizes[0]
    batch = [0]
    for place in sorted(range(1, len(sizes)), key=lambda place: abs(sizes[place] - oldest)):
        longest = max(longest, sizes[place])
        is_close = abs(sizes[place] - oldest) <= SPREAD * oldest
        if not is_close or longest * (len(batch) + 1) > budget:
            break
        batch.append(place)
    return batch


class Batcher(Generic[Item, Answer]):
    """Worker threads that answer jobs; an idle one takes what is there and never waits for more."""

    def __init__(
        self,
        infer: Callable[[list[Item]], Sequence[Answer]],
        budget: int,
        workers: int,
        limit: int,
        observe: Callable[[Sequence[int]], None] = lambda sizes: None,
    ) -> None:
        self._infer = infer
        self._budget = budget
        self._limit = limit
        self._observe = observe
        self._waiting: list[Job[Item, Answer]] = []
        self._closing = False
        self._changed = threading.Condition()
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(workers)]
        for thread in self._threads:
            thread.start()

    def __len__(self) -> int:
        return len(self._waiting)

    def submit(self, items: Sequence[tuple[Item, int]]) -> list[asyncio.Future[Answer]]:
        """Queue items with their sizes, all of them or none.

        Raises:
            QueueFull: They don't fit.
        """
        loop = asyncio.get_running_loop()
        jobs = [Job[Item, Answer](item, size, loop.create_future()) for item, size in items]
        with self._changed:
            if self._closing or len(self._waiting) + len(jobs) > self._limit:
                raise QueueFull
            self._waiting += jobs
            self._changed.notify(len(jobs))
        return [job.answer for job in jobs]

    def close(self) -> None:
        """Answer what is queued, then end the threads."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while batch := self._take():
            answers = self._answer(batch)
            loop = batch[0].answer.get_loop()
            loop.call_soon_threadsafe(_deliver, batch, answers)

    def _take(self) -> list[Job[Item, Answer]]:
        """Wait for a batch; an empty one means that there is nothing left to do."""
        with self._changed:
            while True:
                self._waiting = [job for job in self._waiting if not job.answer.cancelled()]
                if self._waiting or self._closing:
                    break
                self._changed.wait()
            if not self._waiting:
                return []
            places = choose([job.size for job in islice(self._waiting, WINDOW)], self._budget)
            batch = [self._waiting[place] for place in places]
            for place in sorted(places, reverse=True):
                del self._waiting[place]
        self._observe([job.size for job in batch])
        return batch

    def _answer(self, batch: list[Job[Item, Answer]]) -> Sequence[Answer | Exception]:
        try:
            return self._infer([job.item for job in batch])
        except Exception as error:  # noqa: BLE001 - goes to the one that asked
            if len(batch) == 1:
                return [error]
        # One of them is at fault: alone, each fails or succeeds for itself.
        return [answer for job in batch for answer in self._answer([job])]


def _deliver(batch: Sequence[Job[Item, Answer]], answers: Sequence[Answer | Exception]) -> None:
    for job, answer in zip(batch, answers, strict=True):
        if job.answer.done():  # the client left meanwhile
            continue
        if isinstance(answer, Exception):
            job.answer.set_exception(answer)
        else:
            job.answer.set_result(answer)
