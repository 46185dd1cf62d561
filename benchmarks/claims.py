"""Queued jobs, several workers: what a claim costs, and that none happens twice.

python -m benchmarks.claims
"""

import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import asyncpg

BACKEND = Path(__file__).parents[1] / "templates" / "project" / "backend"
sys.path.insert(0, str(BACKEND))

from app.core.database import Database
from app.local import postgres
from app.migrate import migrate
from app.worker.events import Event, append
from app.worker.leases import claim, finish

JOBS = 10_000
WORKERS = 4
LEASE = timedelta(seconds=30)
FILL = f"""
with owner as (
  insert into auth.users (id, email) values (gen_random_uuid(), 'owner@example.com') returning id
)
insert into ml_jobs (owner_id, kind, recipe, provider)
select owner.id, 'check', 'echo', 'local' from owner, generate_series(1, {JOBS})
"""


async def work(url: str) -> list[str]:
    """Claim and finish jobs until there is none: each takes two transactions and two events."""
    database = await Database.connect(url, 1)
    done: list[str] = []
    while lease := await claim(database, "worker", ["check"], LEASE):
        async with lease.held() as connection:
            await append(connection, lease.job.id, [Event("succeeded")])
            await finish(connection, lease.job.id, "succeeded")
        done.append(str(lease.job.id))
    await database.close()
    return done


async def start_worker(url: str) -> asyncio.subprocess.Process:
    command = (sys.executable, "-m", "benchmarks.claims", url)
    return await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)


async def benchmark(urls: postgres.Urls) -> None:
    await migrate(urls.admin, BACKEND.parent / "supabase" / "migrations")
    admin = await asyncpg.connect(urls.admin)
    await admin.execute(FILL)
    started = time.perf_counter()
    workers = [await start_worker(urls.backend) for _ in range(WORKERS)]
    outputs = [await worker.communicate() for worker in workers]
    seconds = time.perf_counter() - started
    shares = [json.loads(output) for output, _ in outputs]
    counts = Counter(job for share in shares for job in share)
    assert len(counts) == JOBS, f"{JOBS - len(counts)} jobs were not claimed"
    assert set(counts.values()) == {1}, f"claimed twice: {counts.most_common(3)}"
    events = await admin.fetchval("select count(*) from ml_job_events")
    assert events == 2 * JOBS, f"{events} events"
    await admin.close()
    print(f"{JOBS:,} jobs, {WORKERS} workers: {seconds:.1f} s, {JOBS / seconds:,.0f} jobs/s")
    print(f"each once; by worker: {', '.join(f'{len(share):,}' for share in shares)}")


def main() -> None:
    if len(sys.argv) == 2:
        print(json.dumps(asyncio.run(work(sys.argv[1]))))
        return
    with tempfile.TemporaryDirectory(prefix="ml-") as path:
        folder = Path(path).resolve() / postgres.FOLDER
        try:
            asyncio.run(benchmark(postgres.start(folder)))
        finally:
            postgres.stop(folder)


if __name__ == "__main__":
    main()
