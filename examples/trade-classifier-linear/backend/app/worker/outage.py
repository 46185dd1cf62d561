"""What a database that is away does to a worker: nothing but waiting."""

import asyncio
import itertools
import random
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

import asyncpg
import structlog

from app.core.database import OUTAGES

log = structlog.get_logger(__name__)

Result = TypeVar("Result")

OUTAGE = (
    *OUTAGES,
    asyncpg.InternalClientError,
    asyncpg.TransactionRollbackError,  # a deadlock: the other one went on
)
PAUSES = (0.1, 0.2, 0.5, 1, 2, 5)  # seconds


def pauses() -> Iterator[float]:
    """Seconds to wait before each further try, without end."""
    for pause in itertools.chain(PAUSES, itertools.repeat(PAUSES[-1])):
        yield pause * random.uniform(0.8, 1.2)


async def outlast(action: Callable[[], Awaitable[Result]]) -> Result:
    """The result of `action`, which is tried until the database answers.

    It may have happened already when it is tried again: a lease that is lost says so.
    """
    for pause in pauses():
        try:
            return await action()
        except OUTAGE as error:
            log.warning("The database does not answer; trying again.", error=repr(error))
        await asyncio.sleep(pause)
    raise AssertionError
