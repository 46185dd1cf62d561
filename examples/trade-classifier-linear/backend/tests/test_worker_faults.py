"""Whatever dies at whatever moment: one version, whole events, no process left, a true state."""

import asyncio
import os
import random
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID

import psutil
import pytest

from app.core.auth import User
from app.core.database import Database
from app.core.settings import Settings
from app.local import postgres
from tests.conftest import VERSION
from tests.workshop import Workshop, open_workshop

pytestmark = pytest.mark.slow

SEED = int(os.environ.get("SEED", "20261124"))
KILLS = 50
KILLS_PER_JOB = 2  # each may cost an attempt, and there are three


@pytest.fixture
async def workshop(settings: Settings, database: Database, user: User) -> AsyncIterator[Workshop]:
    async with open_workshop(settings, database, user) as workshop:
        yield workshop


async def test_killed_worker(workshop: Workshop) -> None:
    worker = await workshop.start_worker()
    job = await workshop.add_job("train", steps=60, step_seconds=0.05)
    await workshop.wait_for_event(job, "step")
    worker.kill()
    async with workshop.working():
        await workshop.assert_trained_once(job)
    assert (await workshop.kinds(job)).count("step") == 60  # the run did not notice


async def test_killed_training(workshop: Workshop) -> None:
    async with workshop.working():
        job = await workshop.add_job("train", steps=40, step_seconds=0.05)
        await workshop.wait_for_event(job, "step")
        await workshop.kill("train.py")
        await workshop.assert_trained_once(job)
    assert (await workshop.kinds(job)).count("resumed") == 1


async def test_killed_launch(workshop: Workshop) -> None:
    async with workshop.working():
        job = await workshop.add_job("train")
        await workshop.kill("cloud.py", "launch")
        await workshop.assert_trained_once(job)


async def test_killed_watch(workshop: Workshop) -> None:
    async with workshop.working():
        job = await workshop.add_job("train", steps=20, step_seconds=0.05)
        await workshop.wait_for_event(job, "step")
        await workshop.kill("cloud.py", "watch")
        await workshop.assert_trained_once(job)
    assert (await workshop.job(job))["attempts"] == 1


async def test_killed_worker_and_fetch(workshop: Workshop) -> None:
    """Between the provider and the storage."""
    worker = await workshop.start_worker()
    job = await workshop.add_job("train", bytes=50_000_000)
    await workshop.kill("cloud.py", "fetch")
    worker.kill()
    async with workshop.working():
        await workshop.assert_trained_once(job)


async def test_job_that_costs_each_worker_its_life_fails(workshop: Workshop) -> None:
    job = await workshop.add_job("train", steps=1000)
    for attempt in range(1, 4):
        worker = await workshop.start_worker()
        await _wait_for_attempt(workshop, job, attempt)
        worker.kill()
        await worker.wait()
    async with workshop.working():
        row = await workshop.wait(job)
    assert row["status"] == "failed"
    assert row["error"] == "3 workers were lost while they worked on it."
    await workshop.assert_nothing_runs()
    await workshop.assert_events_are_whole(job)


async def test_killed_database_under_load(workshop: Workshop, data_dir: Path) -> None:
    async with workshop.working():
        jobs = [await workshop.add_job("train", steps=60, step_seconds=0.03) for _ in range(4)]
        for job in jobs[:2]:
            await workshop.wait_for_event(job, "step")
        await _restart_database(data_dir, seconds_away=2)  # leases lapse
        for job in jobs:
            await workshop.assert_trained_once(job)
            assert (await workshop.job(job))["attempts"] == 1


async def test_provider_that_is_down_and_comes_back(workshop: Workshop) -> None:
    down = workshop.echo / "down"
    async with workshop.working():
        await workshop.train()  # the recipe is known
        down.touch()
        job = await workshop.add_job("train", steps=50, step_seconds=0.03)
        await workshop.wait_for_event(job, "retried")
        down.unlink()
        await workshop.wait_for_event(job, "step")
        down.touch()  # the run goes on meanwhile
        await asyncio.sleep(1)
        down.unlink()
        await workshop.assert_trained_once(job)


async def test_provider_that_stays_down(workshop: Workshop) -> None:
    """A launch of which nothing came back may have started something: it is asked about first."""
    down = workshop.echo / "down"
    async with workshop.working():
        await workshop.train()
        down.touch()
        job = await workshop.add_job("train")
        await _wait_for_attempt(workshop, job, 3)
        with pytest.raises(TimeoutError):
            await workshop.wait(job, seconds=1)
        down.unlink()
        row = await workshop.wait(job)
    assert (row["status"], row["error"]) == ("failed", "The provider does not answer.")
    await workshop.assert_nothing_runs()


async def test_paused_worker_beside_a_new_one(workshop: Workshop) -> None:
    paused = await workshop.start_worker()
    job = await workshop.add_job("train", steps=80, step_seconds=0.05)
    await workshop.wait_for_event(job, "step")
    paused.send_signal(signal.SIGSTOP)
    async with workshop.working():
        await _wait_for_attempt(workshop, job, 2)
        paused.send_signal(signal.SIGCONT)
        await workshop.assert_trained_once(job)
    assert (await workshop.job(job))["attempts"] == 2
    assert (await workshop.kinds(job)).count("step") == 80


@pytest.mark.parametrize("fault", [signal.SIGSTOP, signal.SIGKILL])
async def test_launch_that_comes_after_the_end(workshop: Workshop, fault: signal.Signals) -> None:
    """Its worker is paused or killed, and the job cancelled, while the provider takes its time."""
    slow = workshop.echo / "slow"
    slow.touch()
    worker = await workshop.start_worker()
    job = await workshop.add_job("train", steps=1000, step_seconds=0.05)
    await workshop.wait_for_process("cloud.py", "launch")
    worker.send_signal(fault)
    await workshop.cancel(job)
    async with workshop.working():
        assert (await workshop.wait(job))["status"] == "cancelled"
    await workshop.wait_for_process("train.py")
    if fault is signal.SIGSTOP:
        worker.send_signal(signal.SIGCONT)
        await workshop.assert_nothing_runs()
    async with workshop.working():
        await workshop.assert_nothing_runs()
    assert (await workshop.job(job))["status"] == "cancelled"


async def test_full_disk_leaves_nothing_half(workshop: Workshop, small_disk: Path) -> None:
    async with workshop.working():
        job = await workshop.add_job("train", bytes=2_000_000)
        row = await workshop.wait(job)
        assert row["status"] == "failed"
        assert row["error"].startswith("The disk of the storage is full;")
        assert [path for path in small_disk.rglob("*") if path.is_file()] == []
        assert await workshop.versions() == []
        await asyncio.to_thread(_mount, small_disk, "remount,size=9M")
        await _resume(workshop, job)
        await workshop.assert_trained_once(job)


async def test_kills_at_random_points(workshop: Workshop, data_dir: Path) -> None:
    """`SEED=… python -m pytest -m slow` goes the same way again."""
    chance = random.Random(SEED)
    await workshop.start_worker()
    kills = 0
    while kills < KILLS:
        job = await workshop.add_job("train", steps=20, step_seconds=0.03)
        for _ in range(KILLS_PER_JOB):
            await asyncio.sleep(chance.uniform(0, 1.5))
            victim = chance.choices(["worker", "train", "command", "database"], [4, 4, 3, 1])[0]
            kills += await _kill(workshop, data_dir, victim)
        try:
            await workshop.assert_trained_once(job)
        except BaseException:
            print(f"SEED={SEED}, kill {kills}, the last was of a {victim}")
            raise


@pytest.fixture
def small_disk(workshop: Workshop) -> Iterator[Path]:
    """Where artifacts go: one megabyte."""
    folder = workshop.settings.ml_data_dir / "storage" / "artifacts"
    folder.mkdir(parents=True)
    if not _mount(folder, "size=1M"):
        pytest.skip("needs the right to mount")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def _mount(folder: Path, options: str) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


async def _kill(workshop: Workshop, data_dir: Path, victim: str) -> bool:
    """Whether there was such a process."""
    if victim == "database":
        await _restart_database(data_dir)
        return True
    if victim == "worker":
        worker = workshop.processes[-1]
        worker.kill()
        await worker.wait()
        await workshop.start_worker()
        return True
    found = workshop.running("train.py" if victim == "train" else "cloud.py")
    for process in found[:1]:
        process.kill()
    return bool(found)


async def _restart_database(data_dir: Path, seconds_away: float = 0) -> None:
    folder = data_dir / postgres.FOLDER
    pid = int((folder / "data" / "postmaster.pid").read_text().split()[0])
    psutil.Process(pid).kill()
    await asyncio.sleep(seconds_away)
    await asyncio.to_thread(postgres.start, folder, VERSION)


async def _wait_for_attempt(workshop: Workshop, job: UUID, attempt: int) -> None:
    async with asyncio.timeout(20):
        while (await workshop.job(job))["attempts"] < attempt:
            await asyncio.sleep(0.02)


async def _resume(workshop: Workshop, job: UUID) -> None:
    """What the API does."""
    async with workshop.database.as_service() as connection:
        await connection.execute(
            "update ml_jobs set status = 'queued', attempts = 0 where id = $1", job
        )
