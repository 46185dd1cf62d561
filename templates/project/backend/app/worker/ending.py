"""Nothing is left running at a provider that nobody works on."""

import asyncio

import structlog

from app.worker.outage import pauses
from app.worker.provider import Provider, ProviderError

log = structlog.get_logger(__name__)


async def end(provider: Provider, handle: str) -> str | None:
    """Cancel until the provider has done it; returns what it says if it refuses."""
    for pause in pauses():
        try:
            return await end_once(provider, handle)
        except ProviderError as error:
            log.warning("Cancelling is tried again.", handle=handle, reason=str(error))
        await asyncio.sleep(pause)
    raise AssertionError


async def end_once(provider: Provider, handle: str) -> str | None:
    """Cancel; returns what the provider says if it refuses.

    Raises:
        ProviderError: It may still run.
    """
    try:
        await provider.cancel(handle)
    except ProviderError as error:
        if error.is_final:
            return str(error)
        raise
    return None
