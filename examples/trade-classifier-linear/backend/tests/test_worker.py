"""Each kind of job from end to end, with the echo model."""

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.core.auth import User
from app.core.database import Database
from app.core.settings import Settings
from app.core.storage import job_path
from tests.workshop import Workshop, open_workshop


@pytest.fixture
async def workshop(settings: Settings, database: Database, user: User) -> AsyncIterator[Workshop]:
    async with open_workshop(settings, database, user) as workshop, workshop.working():
        yield workshop


async def test_training_becomes_a_version(workshop: Workshop) -> None:
    job = await workshop.add_job("train", steps=3)
    await workshop.assert_trained_once(job)
    kinds = await workshop.kinds(job)
    assert kinds == [
        "claimed",
        "launched",
        "started",
        "step",
        "step",
        "step",
        "finished",
        "succeeded",
    ]
    row = await workshop.job(job)
    assert row["progress"]["step"] == row["progress"]["total_steps"] == 3
    assert row["progress"]["metrics"] == {"accuracy": 1.0}
    assert row["handle"] == f"ml-{job}"
    assert row["worker"] is None
    log = job_path(workshop.user.id, job, "log.txt")
    async with workshop.storage.local(log) as file:
        assert file.read_text() == "reads my_trades.csv\n"  # no path of this machine


async def test_versions_count_up(workshop: Workshop) -> None:
    jobs = [await workshop.add_job("train") for _ in range(4)]
    for job in jobs:
        await workshop.assert_trained_once(job)
    assert [version["number"] for version in await workshop.versions()] == [1, 2, 3, 4]


async def test_user_error_is_not_tried_again(workshop: Workshop) -> None:
    job = await workshop.add_job("train", exit_code=3)
    row = await workshop.wait(job)
    assert row["status"] == "failed"
    assert row["attempts"] == 1
    assert row["error"] == "my_trades.csv, row 2: The label is missing; fill it in."


async def test_crashed_training_goes_on_from_its_checkpoint(workshop: Workshop) -> None:
    job = await workshop.add_job("train", steps=4, crash_at=3)
    await workshop.assert_trained_once(job)
    kinds = await workshop.kinds(job)
    assert kinds.count("step") == 4
    assert {"lost", "retried", "resumed"} <= set(kinds)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"data": "/etc/passwd"}, "settings.data: The worker sets this itself; leave it out"),
        ({"steps": 0}, "settings.steps: 0 is less than the minimum of 1"),
        ({"stepz": 1}, "settings.stepz: The recipe has no such setting; did you mean 'steps'?"),
    ],
)
async def test_settings_are_checked_again(
    workshop: Workshop, given: dict[str, Any], sentence: str
) -> None:
    job = await workshop.add_job("train", **given)
    row = await workshop.wait(job)
    assert row["status"] == "failed"
    assert row["error"] == sentence
    assert workshop.running("train.py") == []


async def test_setting_cannot_become_an_option(workshop: Workshop) -> None:
    job = await workshop.add_job("train", note="--exit-code=3")
    await workshop.assert_trained_once(job)


async def test_cost_limit_stops_a_training(workshop: Workshop) -> None:
    job = await workshop.add_job("train", cost_limit=1, steps=1000, step_cost=0.25)
    row = await workshop.wait(job)
    assert row["status"] == "stopped"
    assert row["error"] == "The cost limit of 1.0000 USD was reached."
    assert 1 <= row["cost_usd"] < 100
    assert (await workshop.kinds(job))[-2:] == ["stopped", "stopped"]  # the run, then the job
    await workshop.assert_events_are_whole(job)
    await workshop.assert_nothing_runs()


async def test_a_provider_of_paid_machines_gets_the_cost_limit(workshop: Workshop) -> None:
    job = await workshop.add_job("train", cost_limit=2.5)
    await workshop.wait(job)
    launched = workshop.echo / "jobs" / f"ml-{job}" / "job.json"
    assert "--max-cost=2.5" in json.loads(launched.read_text())["arguments"]


async def test_check_writes_its_findings(workshop: Workshop) -> None:
    job = await workshop.add_job("check")
    assert (await workshop.wait(job))["result"] == {"status": "valid", "problem_count": 0}
    async with workshop.database.as_service() as connection:
        row = await connection.fetchrow("select * from ml_dataset_versions")
    assert row
    assert (row["status"], row["recipe"], row["row_count"]) == ("valid", "echo", 2)
    assert row["columns"] == {"text": "text"}


async def test_estimate_says_what_a_training_would_take(workshop: Workshop) -> None:
    job = await workshop.add_job("estimate", steps=100, step_seconds=0.5, step_cost=0.01)
    row = await workshop.wait(job)
    assert row["status"] == "succeeded", row["error"]
    (gpu,) = row["result"]["gpus"]
    assert (gpu["gpu"], gpu["seconds"], gpu["usd_range"]) == ("L4", 50, [0.5, 2])
    assert row["result"]["warnings"] == ["Of my_trades.csv."]
    assert await workshop.versions() == []


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"exit_code": 2}, "There is no estimate for echo."),
        (
            {"note": "maybe"},
            "The recipe's estimate is not right: gpus.0.verdict: Input should be 'fits', 'tight' or 'does not fit'.",
        ),
        ({"data": "/etc/passwd"}, "settings.data: The worker sets this itself; leave it out"),
    ],
)
async def test_an_estimate_that_cannot_be_had_says_why(
    workshop: Workshop, given: dict[str, Any], sentence: str
) -> None:
    row = await workshop.wait(await workshop.add_job("estimate", **given))
    assert (row["status"], row["error"], row["attempts"]) == ("failed", sentence, 1)


async def test_deployment_answers_and_replaces_the_one_before(workshop: Workshop) -> None:
    first, second = await workshop.train(), await workshop.train()
    for version in (first, second):
        job = await workshop.add_job("deploy", version=version)
        row = await workshop.wait(job)
        assert row["status"] == "succeeded", row["error"]
    async with asyncio.timeout(10):
        while (await workshop.versions())[0]["deployment"]:
            await asyncio.sleep(0.05)
    before, after = await workshop.versions()
    assert (before["stage"], before["endpoint_url"]) == ("archived", None)
    assert (after["stage"], after["deployment"]) == ("production", f"ml-{job}")
    assert len(workshop.running("serve.py")) == 1


async def test_lost_server_is_started_anew(workshop: Workshop) -> None:
    version = await workshop.train()
    await workshop.wait(await workshop.add_job("deploy", version=version))
    (before,) = await workshop.versions()
    (server,) = workshop.running("serve.py")
    server.kill()
    async with workshop.working(), asyncio.timeout(20):  # one looks at its start
        while (await workshop.versions())[0]["endpoint_url"] == before["endpoint_url"]:
            await asyncio.sleep(0.05)
    assert len(workshop.running("serve.py")) == 1


async def test_batch_answers_each_row(workshop: Workshop) -> None:
    version = await workshop.train()
    await workshop.wait(await workshop.add_job("deploy", version=version))
    rows = [f"=cmd{number},{number}" for number in range(600)] + [",600"]
    job = await _add_batch(workshop, "statement,number\n" + "\n".join(rows) + "\n")
    row = await workshop.wait(job)
    assert row["result"] == {"rows": 601, "failed": 1}, row["error"]
    output = job_path(workshop.user.id, job, "output.csv")
    async with workshop.storage.local(output) as file:
        answers = list(csv.DictReader(io.StringIO(file.read_text())))
    assert [answer["number"] for answer in answers] == [str(number) for number in range(601)]
    assert answers[7]["predicted_echo"] == "'=cmd7"  # no formula for a spreadsheet
    assert answers[600]["error"] == "text: There is no text."
    assert sorted(path.name for path in file.parent.iterdir()) == ["input.csv", "output.csv"]


async def test_batch_needs_a_version_in_production(workshop: Workshop) -> None:
    row = await workshop.wait(await _add_batch(workshop, "statement\nBend conduit.\n"))
    assert row["status"] == "failed"
    assert "no version in production" in row["error"]


async def _add_batch(workshop: Workshop, content: str) -> UUID:
    async def chunks() -> AsyncIterator[bytes]:
        yield content.encode()

    job = uuid4()
    await workshop.storage.put(job_path(workshop.user.id, job, "input.csv"), chunks())
    return await workshop.add_job("batch", job=job, columns={"text": "statement"})
