"""Two workers never have one job, and whoever lost a job changes nothing of it."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest

from app.core.auth import User
from app.core.database import Database
from app.core.settings import Settings
from app.worker.events import Event, append, last_line
from app.worker.leases import Lease, LeaseLost, claim, finish, give_back, retry
from tests.workshop import Workshop, open_workshop

LONG = timedelta(seconds=60)
LAPSED = timedelta(seconds=-1)
KINDS = ("check", "train")


@pytest.fixture
async def workshop(settings: Settings, database: Database, user: User) -> AsyncIterator[Workshop]:
    async with open_workshop(settings, database, user) as workshop:
        yield workshop


async def test_each_job_is_claimed_once(workshop: Workshop) -> None:
    jobs = {await workshop.add_job("check") for _ in range(60)}

    async def work(name: str) -> list[UUID]:
        done: list[UUID] = []
        while lease := await claim(workshop.database, name, KINDS, LONG):
            done.append(lease.job.id)
            async with lease.held() as connection:
                await finish(connection, lease.job.id, "succeeded")
        return done

    shares = await asyncio.gather(*(work(f"worker-{number}") for number in range(4)))
    counts = Counter(job for share in shares for job in share)
    assert counts == Counter(jobs)


async def test_oldest_job_of_the_kinds_comes_first(workshop: Workshop) -> None:
    await workshop.add_job("deploy")
    jobs = [await workshop.add_job("check") for _ in range(3)]
    assert [(await _claim(workshop)).job.id for _ in jobs] == jobs
    assert await claim(workshop.database, "one", KINDS, LONG) is None


async def test_lapsed_job_goes_to_another_and_the_first_is_fenced_off(workshop: Workshop) -> None:
    job = await workshop.add_job("check")
    first = await _claim(workshop, LAPSED)
    second = await _claim(workshop)  # the same worker's name does not help the first
    assert second.job.id == job
    assert second.job.attempts == 2
    with pytest.raises(LeaseLost):
        await first.extend()
    with pytest.raises(LeaseLost):
        async with first.held() as connection:
            await finish(connection, job, "failed")
    assert await second.extend() is False
    assert await workshop.kinds(job) == ["claimed", "claimed"]


async def test_extended_lease_is_kept(workshop: Workshop) -> None:
    await workshop.add_job("check")
    lease = await _claim(workshop, LAPSED)
    await Lease(workshop.database, lease.job, lease.worker, LONG).extend()
    assert await claim(workshop.database, "two", KINDS, LONG) is None


async def test_retry_waits_and_counts(workshop: Workshop) -> None:
    job = await workshop.add_job("check")
    lease = await _claim(workshop)
    async with lease.held() as connection:
        await retry(connection, job, "No answer.", timedelta(seconds=0.2))
    assert await claim(workshop.database, "one", KINDS, LONG) is None
    assert (await workshop.job(job))["error"] == "No answer."
    await asyncio.sleep(0.25)
    assert (await _claim(workshop)).job.attempts == 2


async def test_job_that_is_given_back_was_never_tried(workshop: Workshop) -> None:
    job = await workshop.add_job("check")
    lease = await _claim(workshop)
    async with lease.held() as connection:
        await give_back(connection, job)
    assert (await workshop.job(job))["attempts"] == 0
    assert (await _claim(workshop)).job.attempts == 1


async def test_events_are_numbered_and_no_line_is_taken_twice(workshop: Workshop) -> None:
    job = await workshop.add_job("check")
    lease = await _claim(workshop)
    lines = [Event("step", {"step": number}, number) for number in range(1, 6)]

    async def write(events: list[Event]) -> list[Event]:
        async with lease.held() as connection:
            return await append(connection, job, events)

    assert await write(lines[:3]) == lines[:3]
    taken = await asyncio.gather(write(lines), write(lines), write([Event("launched")]))
    assert sorted(map(len, taken)) == [0, 1, 2]
    events = await workshop.events(job)
    assert [event["number"] for event in events] == [*range(1, 8)]
    assert [event["line"] for event in events if event["line"]] == [*range(1, 6)]
    async with lease.held() as connection:
        assert await last_line(connection, job) == 5


async def test_events_of_a_transaction_that_fails_leave_no_gap(workshop: Workshop) -> None:
    job = await workshop.add_job("check")
    lease = await _claim(workshop)
    with pytest.raises(ZeroDivisionError):
        async with lease.held() as connection:
            await append(connection, job, [Event("launched")])
            raise ZeroDivisionError
    async with lease.held() as connection:
        await append(connection, job, [Event("launched")])
    assert [event["number"] for event in await workshop.events(job)] == [1, 2]


async def _claim(workshop: Workshop, length: timedelta = LONG) -> Lease:
    lease = await claim(workshop.database, "one", KINDS, length)
    assert lease
    return lease
