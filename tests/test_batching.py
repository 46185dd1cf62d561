"""Batches: by length within a budget, the oldest first, nobody lost."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import pytest

from core.batching import Batcher, QueueFull, choose


def test_takes_the_oldest_with_those_of_its_length() -> None:
    assert choose([100, 20, 110, 400, 95], budget=512) == [0, 4, 2]


def test_longest_times_count_stays_within_the_budget() -> None:
    sizes = [100] * 20
    assert len(choose(sizes, budget=512)) == 5


def test_a_job_longer_than_the_budget_runs_alone() -> None:
    assert choose([900, 900, 10], budget=512) == [0]


def test_no_job_starves() -> None:
    waiting = [300] + [20] * 50
    assert 0 in choose(waiting, budget=512)


@asynccontextmanager
async def batcher(
    infer: Callable[[list[str]], Sequence[str]], limit: int = 100, workers: int = 1
) -> AsyncIterator[Batcher[str, str]]:
    running = Batcher(infer, budget=64, workers=workers, limit=limit)
    try:
        yield running
    finally:
        await asyncio.to_thread(running.close)


def shout(items: list[str]) -> list[str]:
    return [item.upper() for item in items]


def sized(*items: str) -> list[tuple[str, int]]:
    return [(item, 8) for item in items]


class Gate:
    """A model that waits until it is opened, so that a queue builds up behind its first batch."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.batches: list[list[str]] = []

    def __call__(self, items: list[str]) -> list[str]:
        self.batches.append(items)
        self.opened.wait(5)
        return shout(items)

    async def busy(self) -> None:
        deadline = time.monotonic() + 5
        while not self.batches and time.monotonic() < deadline:
            await asyncio.sleep(0.005)


def test_answers_come_back_to_those_who_asked() -> None:
    async def scenario() -> list[str]:
        async with batcher(shout, workers=2) as running:
            jobs = [running.submit(sized(f"text {number}"))[0] for number in range(50)]
            return await asyncio.gather(*jobs)

    assert asyncio.run(scenario()) == [f"TEXT {number}" for number in range(50)]


def test_what_waits_is_answered_together() -> None:
    gate = Gate()

    async def scenario() -> None:
        async with batcher(gate) as running:
            first = running.submit(sized("first"))
            await gate.busy()
            rest = running.submit(sized("a", "b", "c"))
            gate.opened.set()
            await asyncio.gather(*first, *rest)

    asyncio.run(scenario())
    assert gate.batches == [["first"], ["a", "b", "c"]]


def test_a_full_queue_takes_all_or_nothing() -> None:
    gate = Gate()

    async def scenario() -> int:
        async with batcher(gate, limit=2) as running:
            first = running.submit(sized("first"))
            await gate.busy()
            with pytest.raises(QueueFull):
                running.submit(sized("a", "b", "c"))
            waiting = len(running)
            gate.opened.set()
            await asyncio.gather(*first)
            return waiting

    assert asyncio.run(scenario()) == 0


def test_a_failing_item_does_not_fail_its_batch() -> None:
    def infer(items: list[str]) -> list[str]:
        if "bad" in items:
            raise ArithmeticError("bad")
        return shout(items)

    async def scenario() -> list[str | BaseException]:
        async with batcher(infer) as running:
            jobs = running.submit(sized("a", "bad", "b"))
            return await asyncio.gather(*jobs, return_exceptions=True)

    first, second, third = asyncio.run(scenario())
    assert (first, third) == ("A", "B")
    assert isinstance(second, ArithmeticError)


def test_a_client_that_left_costs_no_inference() -> None:
    gate = Gate()

    async def scenario() -> None:
        async with batcher(gate) as running:
            first = running.submit(sized("first"))
            await gate.busy()
            [left, stays] = running.submit(sized("left", "stays"))
            left.cancel()
            gate.opened.set()
            await asyncio.gather(*first, stays)

    asyncio.run(scenario())
    assert gate.batches == [["first"], ["stays"]]


def test_closing_answers_what_is_queued() -> None:
    gate = Gate()

    async def scenario() -> list[str]:
        async with batcher(gate) as running:
            jobs = running.submit(sized("a")) + running.submit(sized("b"))
            gate.opened.set()
            await asyncio.to_thread(running.close)
            return await asyncio.gather(*jobs)

    assert asyncio.run(scenario()) == ["A", "B"]
