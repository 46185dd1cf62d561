"""How much one client may ask for: requests in a minute, and bytes in a body."""

import math
import time
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.errors import answer
from app.core.problems import Problem

MINUTE = 60  # seconds


class RateLimiter:
    """Counts in this process; several processes allow as many times the requests."""

    def __init__(self, per_minute: int) -> None:
        self._limit = RateLimitItemPerMinute(per_minute)
        # A moving window sends a thread through all clients in memory with each request.
        self._windows = FixedWindowRateLimiter(MemoryStorage())

    async def hit(self, scope: Scope, kind: str, key: str) -> None:
        """Count a request of `key`, and leave the headers that tell of it in the scope's state.

        Raises:
            Problem: There were too many in the minute that began with its first one.
        """
        is_allowed = await self._windows.hit(self._limit, kind, key)
        window = await self._windows.get_window_stats(self._limit, kind, key)
        wait = max(1, math.ceil(window.reset_time - time.time()))
        scope.setdefault("state", {})["rate_limit"] = [
            (b"ratelimit-policy", f'"{kind}";q={self._limit.amount};w={MINUTE}'.encode()),
            (b"ratelimit", f'"{kind}";r={window.remaining};t={wait}'.encode()),
        ]
        if not is_allowed:
            detail = f"More than {self._limit.amount} requests in a minute; wait for {wait} s."
            raise Problem(429, detail, headers={"Retry-After": str(wait)})


async def limit_address(request: Request) -> None:
    """Dependency of the routes that anyone may ask."""
    await request.app.state.rate_limiter.hit(request.scope, "address", _address(request.scope))


class RateLimit:
    """Tells the client what is left; 401s count for the address, so that tokens are not guessed."""

    def __init__(self, app: ASGIApp, limiter: RateLimiter) -> None:
        self._app = app
        self._limiter = limiter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        is_refused = False

        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                left = scope["state"].get("rate_limit", [])
                message["headers"] = [*message["headers"], *left]
            await send(message)

        async def observe(message: Message) -> None:
            nonlocal is_refused
            if message["type"] == "http.response.start" and message["status"] == 401:
                try:
                    await self._limiter.hit(scope, "address", _address(scope))
                except Problem as problem:
                    is_refused = True
                    await answer(scope, problem)(scope, receive, tell)
            if not is_refused:
                await tell(message)

        await self._app(scope, receive, observe)


class BodyLimit:
    """Stops a body that is too large, as soon as that is known."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        announced = _content_length(scope)
        received = 0

        async def count() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            limit = scope["state"].get("body_limit", self._limit)
            if max(received, announced) > limit:
                detail = f"The body is larger than {limit:,} bytes."
                raise Problem(413, detail, headers={"Connection": "close"})
            return message

        await self._app(scope, count, send)


class UploadRoute(APIRoute):
    """Takes as much as a file may hold: `APIRouter(route_class=UploadRoute)`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_upload(request: Request) -> Response:
            request.state.body_limit = request.app.state.settings.max_upload_bytes
            return await handle(request)

        return handle_upload


def _address(scope: Scope) -> str:
    return scope["client"][0] if scope.get("client") else "unknown"


def _content_length(scope: Scope) -> int:
    given = Headers(scope=scope).get("content-length", "")
    return int(given) if given.isdecimal() else 0
