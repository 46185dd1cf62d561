"""Does the jobs of the database, several at once: `python -m app.worker`."""

import asyncio
import os
import signal
import sys

import httpx
import structlog

from app.core import logs
from app.core.database import Database, database_url
from app.core.settings import Settings, read_settings
from app.core.storage import open_storage
from app.ml.inference import ModelServers
from app.worker.context import Context
from app.worker.outage import outlast
from app.worker.worker import Worker

log = structlog.get_logger(__name__)

CONNECTIONS = 10
READY_SECONDS = 10  # for an answer of a model server's /readyz


async def work(settings: Settings, url: str) -> None:
    database = await outlast(lambda: Database.connect(url, CONNECTIONS))
    stopping = asyncio.Event()  # from here on; until the database is there, a signal ends it
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(stopping.set))
    key = settings.ml_server_key
    async with httpx.AsyncClient(timeout=READY_SECONDS) as http:
        model_servers = ModelServers(key.get_secret_value() if key else None)
        context = Context(settings, database, open_storage(settings), http, model_servers)
        try:
            await Worker(context).run(stopping)
        finally:
            await model_servers.close()
            database.pool.terminate()
    log.info("The worker has ended.")


def main() -> int:
    settings = read_settings()
    logs.configure()
    try:
        asyncio.run(work(settings, database_url(settings)))
    except KeyboardInterrupt:
        return 130
    sys.stdout.flush()
    os._exit(0)  # a file that a thread still copies is copied again by whoever takes the job


if __name__ == "__main__":
    sys.exit(main())
