"""Workers as processes of their own, the echo model, and what has to be true after each job."""

import asyncio
import contextlib
import os
import shutil
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import psutil

from app.core.auth import User
from app.core.database import Database
from app.core.settings import Settings
from app.core.storage import artifact_path, dataset_path, open_storage
from app.ml.inference import ModelServers
from app.worker.context import Context
from app.worker.outage import outlast
from app.worker.worker import Worker

RECIPES = Path(__file__).parent / "recipes"
BACKEND = Path(__file__).parents[1]
OVER = ("succeeded", "failed", "cancelled", "stopped")
ROWS = "text,label\nBend conduit.,electrician\nWeld a frame.,welder\n"
INSERT_JOB = """
insert into ml_jobs
  (id, kind, recipe, provider, model_id, dataset_version_id, model_version_id, settings,
   cost_limit_usd)
values ($1, $2, 'echo', 'local', $3, $4, $5, $6, $7)
returning id
"""


class Workshop:
    """One user with a model and a data set; `processes` are ended with the test."""

    def __init__(self, settings: Settings, database: Database, user: User) -> None:
        self.settings = settings.model_copy(
            update={"ml_models_dir": settings.ml_data_dir / "models", "lease_seconds": 1.0}
        )
        self.database = database
        self.user = user
        self.storage = open_storage(self.settings)
        self.echo = self.settings.ml_models_dir / "echo"
        self.processes: list[Process] = []
        self.model: UUID
        self.data: UUID

    async def open(self, rows: str = ROWS) -> None:
        shutil.copytree(RECIPES / "echo", self.echo)
        async with self.database.as_user(self.user) as connection:
            self.model = await connection.fetchval(
                "insert into ml_models (name, recipe) values ('trades', 'echo') returning id"
            )
            dataset = await connection.fetchval(
                "insert into ml_datasets (name) values ('trades') returning id"
            )
            self.data = await connection.fetchval(
                "insert into ml_dataset_versions"
                " (dataset_id, number, source, source_name, suffix)"
                " values ($1, 1, 'upload', 'my trades.csv', '.csv') returning id",
                dataset,
            )
        path = dataset_path(self.user.id, self.data, ".csv")
        await self.storage.put(path, _once(rows.encode()))

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """A worker in this process, which is there at once."""
        stopping = asyncio.Event()
        servers = ModelServers()
        async with httpx.AsyncClient() as http:
            context = Context(self.settings, self.database, self.storage, http, servers)
            worker = asyncio.create_task(Worker(context).run(stopping))
            try:
                yield
            finally:
                stopping.set()
                await worker
                await servers.close()

    async def start_worker(self, **environment: str) -> Process:
        settings = self.settings
        assert settings.database_url
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "app.worker"),
            cwd=BACKEND,
            env=os.environ
            | {
                "DATABASE_URL": settings.database_url.get_secret_value(),
                "ML_DATA_DIR": str(settings.ml_data_dir),
                "ML_MODELS_DIR": str(settings.ml_models_dir),
                "LEASE_SECONDS": str(settings.lease_seconds),
            }
            | environment,
            stdout=(settings.ml_data_dir / "worker.log").open("ab"),
            stderr=asyncio.subprocess.STDOUT,
        )
        self.processes.append(process)
        return process

    async def close(self) -> None:
        for process in self.processes:
            if process.returncode is None:
                process.kill()
                await process.wait()
        for left in self.running():
            left.kill()

    async def add_job(
        self,
        kind: str,
        version: UUID | None = None,
        cost_limit: float | None = None,
        job: UUID | None = None,
        **settings: Any,
    ) -> UUID:
        """As its owner may do it without the API."""
        async with self.database.as_user(self.user) as connection:
            added: UUID = await connection.fetchval(
                INSERT_JOB,
                job or uuid4(),
                kind,
                self.model,
                self.data,
                version,
                settings,
                cost_limit,
            )
        return added

    async def job(self, job: UUID) -> Any:
        (row,) = await self._fetch("select * from ml_jobs where id = $1", job)
        return row

    async def events(self, job: UUID) -> list[Any]:
        query = "select * from ml_job_events where job_id = $1 order by number"
        return await self._fetch(query, job)

    async def kinds(self, job: UUID) -> list[str]:
        return [event["kind"] for event in await self.events(job)]

    async def versions(self) -> list[Any]:
        return await self._fetch("select * from ml_model_versions order by number")

    async def _fetch(self, query: str, *arguments: Any) -> list[Any]:
        async def fetch() -> list[Any]:
            async with self.database.as_service() as connection:
                return await connection.fetch(query, *arguments)

        return await outlast(fetch)

    async def wait(self, job: UUID, *statuses: str, seconds: float = 30) -> Any:
        """The job, once it is in one of these states, or in any last one."""
        async with asyncio.timeout(seconds):
            while (row := await self.job(job))["status"] not in (statuses or OVER):
                await asyncio.sleep(0.02)
        return row

    async def wait_for_event(self, job: UUID, kind: str, seconds: float = 20) -> None:
        async with asyncio.timeout(seconds):
            while kind not in await self.kinds(job):
                await asyncio.sleep(0.02)

    async def cancel(self, job: UUID) -> None:
        """What the API does with a running job."""
        async with self.database.as_service() as connection:
            await connection.execute(
                "update ml_jobs set cancel_requested_at = now() where id = $1", job
            )

    async def train(self, **settings: Any) -> UUID:
        """A version of the model."""
        job = await self.add_job("train", **settings)
        assert (await self.wait(job))["status"] == "succeeded"
        return job

    def running(self, *words: str) -> list[psutil.Process]:
        """Processes of the model folder with these words in their command."""
        found = []
        for process in psutil.process_iter(["cwd", "cmdline", "status"]):
            command = process.info["cmdline"] or []
            is_ours = process.info["cwd"] == str(self.echo)
            if is_ours and process.info["status"] != "zombie" and set(words) <= set(command):
                found.append(process)
        return found

    async def kill(self, *words: str, seconds: float = 10) -> None:
        """End such a process as soon as there is one, with no word to it."""
        process = await self.wait_for_process(*words, seconds=seconds)
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()

    async def wait_for_process(self, *words: str, seconds: float = 10) -> psutil.Process:
        async with asyncio.timeout(seconds):
            while not (found := self.running(*words)):
                await asyncio.sleep(0.005)
        return found[0]

    async def assert_nothing_runs(self, seconds: float = 10) -> None:
        async with asyncio.timeout(seconds):
            while self.running():
                await asyncio.sleep(0.05)

    async def assert_events_are_whole(self, job: UUID) -> None:
        """Numbered from 1 without gaps, and each line of the run taken once."""
        events = await self.events(job)
        assert [event["number"] for event in events] == list(range(1, len(events) + 1))
        assert (await self.job(job))["last_event"] == len(events)
        taken = [event["line"] for event in events if event["line"] is not None]
        assert taken == self.lines(job)

    def lines(self, job: UUID) -> list[int]:
        """Whole lines of the run's events."""
        path = self.echo / "jobs" / f"ml-{job}" / "events.jsonl"
        lines = path.read_text().split("\n") if path.exists() else []
        return [number for number, line in enumerate(lines, start=1) if line.endswith("}")]

    async def assert_trained_once(self, job: UUID) -> None:
        """One version, complete in the storage, and nothing left over."""
        row = await self.wait(job)
        assert row["status"] == "succeeded", (row["error"], await self.kinds(job))
        versions = [version for version in await self.versions() if version["job_id"] == job]
        assert len(versions) == 1
        assert row["result"]["version"] == versions[0]["number"]
        folder = artifact_path(self.user.id, versions[0]["id"])
        files = await self.storage.list_folder(folder)
        assert sum(files.values()) == versions[0]["bytes"]
        assert (await self.kinds(job))[-1] == "succeeded"
        await self.assert_events_are_whole(job)
        await self.assert_nothing_runs()


@asynccontextmanager
async def open_workshop(
    settings: Settings, database: Database, user: User
) -> AsyncIterator[Workshop]:
    workshop = Workshop(settings, database, user)
    await workshop.open()
    try:
        yield workshop
    finally:
        await workshop.close()


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
