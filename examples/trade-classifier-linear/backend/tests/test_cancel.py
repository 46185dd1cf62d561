"""A cancelled job ends at its provider, wherever its worker was."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from app.core.auth import User
from app.core.database import Database
from app.core.settings import Settings
from tests.workshop import Workshop, open_workshop

pytestmark = pytest.mark.slow


@pytest.fixture
async def workshop(settings: Settings, database: Database, user: User) -> AsyncIterator[Workshop]:
    async with open_workshop(settings, database, user) as workshop:
        yield workshop


async def test_training_keeps_its_checkpoint_and_goes_on_when_resumed(workshop: Workshop) -> None:
    async with workshop.working():
        job = await workshop.add_job("train", steps=60, step_seconds=0.05)
        await workshop.wait_for_event(job, "step")
        await workshop.cancel(job)
        row = await workshop.wait(job)
        assert (row["status"], row["error"]) == ("cancelled", None)
        assert (await workshop.kinds(job))[-2:] == ["stopped", "cancelled"]  # the run, the job
        await workshop.assert_nothing_runs()
        await _resume(workshop, job)
        await workshop.assert_trained_once(job)
        kinds = await workshop.kinds(job)
        assert kinds.count("step") == 60
        assert kinds.count("resumed") == 1


async def test_cancelled_while_no_worker_was_there(workshop: Workshop) -> None:
    worker = await workshop.start_worker()
    job = await workshop.add_job("train", steps=1000, step_seconds=0.05)
    await workshop.wait_for_event(job, "step")
    worker.kill()
    await worker.wait()
    await workshop.cancel(job)
    async with workshop.working():
        assert (await workshop.wait(job))["status"] == "cancelled"
    await workshop.assert_events_are_whole(job)
    await workshop.assert_nothing_runs()


async def test_provider_is_asked_until_it_answers(workshop: Workshop) -> None:
    async with workshop.working():
        job = await workshop.add_job("train", steps=1000, step_seconds=0.05)
        await workshop.wait_for_event(job, "step")
        (workshop.echo / "down").touch()
        await workshop.cancel(job)
        with pytest.raises(TimeoutError):
            await workshop.wait(job, seconds=2)
        assert (await workshop.job(job))["status"] == "running"  # which is true
        (workshop.echo / "down").unlink()
        assert (await workshop.wait(job))["status"] == "cancelled"
    await workshop.assert_nothing_runs()


async def test_deployment_leaves_no_server(workshop: Workshop) -> None:
    async with workshop.working():
        version = await workshop.train()
        serve = workshop.echo / "serve.py"
        serve.write_text(serve.read_text().replace('"/readyz"', '"/never"'))
        job = await workshop.add_job("deploy", version=version)
        await workshop.wait_for_event(job, "launched")
        await workshop.cancel(job)
        assert (await workshop.wait(job))["status"] == "cancelled"
    await workshop.assert_nothing_runs()
    assert (await workshop.versions())[0]["stage"] == "candidate"


async def test_nothing_runs_for_a_model_that_was_deleted(workshop: Workshop) -> None:
    async with workshop.working():
        version = await workshop.train()
        await workshop.wait(await workshop.add_job("deploy", version=version))
        job = await workshop.add_job("train", steps=1000, step_seconds=0.05)
        await workshop.wait_for_event(job, "step")
    assert len(workshop.running()) == 2  # a server and a training, whose job is queued
    async with workshop.database.as_user(workshop.user) as connection:
        await connection.execute("delete from ml_models where id = $1", workshop.model)
    async with workshop.working():
        await workshop.assert_nothing_runs()


async def _resume(workshop: Workshop, job: UUID) -> None:
    """What the API does."""
    async with workshop.database.as_service() as connection:
        await connection.execute(
            "update ml_jobs set status = 'queued', attempts = 0, cancel_requested_at = null"
            " where id = $1",
            job,
        )
