"""One client to the model servers, wherever they run."""

import asyncio
import json
import random
import time
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import aiohttp
from structlog.contextvars import get_contextvars

from app.core.problems import Fault, Problem
from app.ml.breaker import REST, Breaker

ATTEMPTS = 3
BACKOFF = 0.1  # seconds, doubled by each attempt; a random part of it is waited
CONNECT_SECONDS = 3
DEADLINE = 60  # seconds for all attempts; a server that scales to zero has to load its model first
CONNECTIONS = 100
KEEP_ALIVE = 4  # seconds; uvicorn closes after 5, and a request must not meet that
BUSY = (429, 502, 503, 504)
REFUSED_INPUT = (400, 413, 422)

Output = dict[str, Any]


class Unavailable(Problem):
    """No answer of the model server can be had now; a fallback may answer instead."""

    def __init__(self, status: int, detail: str, retry_after: float | None = None) -> None:
        headers = {"Retry-After": str(max(1, round(retry_after)))} if retry_after else None
        super().__init__(status, detail, headers=headers)


class _Failed(Exception):
    """An attempt that is worth another one."""

    def __init__(self, reason: str, retry_after: float = 0) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class ModelServers:
    """Pooled connections, and a circuit breaker for each server.

    aiohttp because it adds 0.4 ms to a request on loopback, where httpx adds 1.3 ms.
    """

    def __init__(
        self, key: str | None = None, deadline: float = DEADLINE, rest: float = REST
    ) -> None:
        self._deadline = deadline
        self._breakers: defaultdict[str, Breaker] = defaultdict(lambda: Breaker(rest))
        self._session = aiohttp.ClientSession(
            headers={"Authorization": f"Bearer {key}"} if key else None,
            connector=aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=KEEP_ALIVE),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def close(self) -> None:
        await self._session.close()

    async def predict(self, url: str, inputs: list[dict[str, Any]], version: str) -> list[Output]:
        """An answer for each input, of the version that is expected there.

        Raises:
            Unavailable: The server is down, full, too slow, or talks nonsense.
            Problem: It does not accept an input.
        """
        until = time.monotonic() + self._deadline
        for attempt in range(1, ATTEMPTS + 1):
            try:
                body = await self._ask(url, inputs, until)
                return _outputs(body, len(inputs), version)
            except _Failed as failure:
                wait = max(failure.retry_after, random.uniform(0, BACKOFF * 2**attempt))
                if attempt == ATTEMPTS or time.monotonic() + wait > until:
                    detail = f"The model server {failure}; try again in a moment."
                    raise Unavailable(503, detail, max(failure.retry_after, 1)) from failure
            await asyncio.sleep(wait)
        raise AssertionError("the last attempt returns or raises")

    async def _ask(self, url: str, inputs: list[dict[str, Any]], until: float) -> bytes:
        breaker = self._breakers[url]
        if left := breaker.wait():
            raise Unavailable(503, "The model server has failed repeatedly; it gets a rest.", left)
        try:
            async with asyncio.timeout(until - time.monotonic()):
                status, headers, body = await self._post(f"{url.rstrip('/')}/predict", inputs)
        except aiohttp.ClientError as error:
            breaker.failed()
            raise _Failed(f"cannot be reached ({type(error).__name__})") from error
        except TimeoutError as error:
            breaker.failed()
            detail = f"The model server gave no answer within {self._deadline:g} s."
            raise Unavailable(504, detail, 1) from error
        if status in BUSY:
            raise _busy(breaker, status, headers)
        breaker.succeeded()
        if status != 200:
            raise _refusal(status, body)
        return body

    async def _post(
        self, url: str, inputs: list[dict[str, Any]]
    ) -> tuple[int, Mapping[str, str], bytes]:
        request_id = get_contextvars().get("request_id")
        headers = {"X-Request-ID": request_id} if request_id else None
        # A redirect would carry the key to whoever it names.
        async with self._session.post(
            url, json=inputs, headers=headers, allow_redirects=False
        ) as answer:
            return answer.status, answer.headers, await answer.read()


def _busy(breaker: Breaker, status: int, headers: Mapping[str, str]) -> _Failed:
    """A server that says when to come back is full, not broken."""
    given = headers.get("Retry-After")
    if given is None:
        breaker.failed()
        return _Failed(f"answers {status}")
    return _Failed("is full or not ready", int(given) if given.isdecimal() else 1)


def _refusal(status: int, body: bytes) -> Problem:
    if status in (401, 403):
        return Unavailable(502, "The model server refuses the key: set ML_SERVER_KEY.")
    try:
        problem = json.loads(body)
        detail = str(problem["detail"])
        faults = [Fault.model_validate(error) for error in problem.get("errors", [])]
    except (ValueError, LookupError, TypeError, AttributeError):
        return Unavailable(502, f"The model server answers {status}.")
    if status not in REFUSED_INPUT:
        return Unavailable(502, f"The model server answers {status}: {detail}")
    return Problem(422, detail, faults)


def _outputs(body: bytes, count: int, version: str) -> list[Output]:
    """Without the version that each of them names."""
    try:
        outputs = json.loads(body)
        served = {output.pop("version") for output in outputs}
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise Unavailable(502, "The model server's answer is not a list of predictions.") from error
    if len(outputs) != count:
        detail = f"The model server gave {len(outputs)} answers to {count} inputs."
        raise Unavailable(502, detail)
    if served != {version}:
        raise Unavailable(503, "Another version is served there now; try again in a moment.", 2)
    return list(outputs)
