"""A run is started: its name is in the database before there is anything to forget."""

from collections.abc import Awaitable, Callable

from app.worker.events import Event, append
from app.worker.leases import Lease, name_run
from app.worker.outage import outlast
from app.worker.outcome import Retry
from app.worker.provider import ProviderError


async def start(lease: Lease, command: Callable[[], Awaitable[None]]) -> None:
    """Let the provider make the job's run go on, or begin.

    Raises:
        LeaseLost: Another worker has the job: nothing was started.
        Retry: The provider did not do it; it may have died of something that passes.
    """
    await _note(lease)
    try:
        await command()
    except ProviderError as error:
        raise Retry(str(error)) from None
    await _note(lease, Event("launched", {"handle": lease.job.run}))


async def _note(lease: Lease, *events: Event) -> None:
    async def write() -> None:
        async with lease.held() as connection:
            await name_run(connection, lease.job)
            await append(connection, lease.job.id, events)

    await outlast(write)
