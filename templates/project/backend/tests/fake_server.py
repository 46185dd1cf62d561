"""Servers on 127.0.0.1 that answer as a test tells them to."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(path: str, answer: Answer) -> AsyncIterator[str]:
    """The address of a server whose `path` is answered so."""
    app = web.Application()
    app.router.add_post(path, answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


class FakeModel:
    """Answers each input with its length, unless other answers were put into `next_answers`."""

    def __init__(self, version: str = "v1") -> None:
        self.version = version
        self.asked: list[Any] = []
        self.headers: list[dict[str, str]] = []
        self.next_answers: list[Answer] = []

    async def answer(self, request: web.Request) -> web.StreamResponse:
        inputs = await request.json()
        self.asked.append(inputs)
        self.headers.append(dict(request.headers))
        if self.next_answers:
            return await self.next_answers.pop(0)(request)
        return web.json_response(
            [
                {"label": f"{len(str(item.get('text')))} characters", "version": self.version}
                for item in inputs
            ]
        )


def status(code: int, body: Any = None, **headers: str) -> Answer:
    """A fixed answer; underscores in names of headers stand for dashes."""

    async def answer(request: web.Request) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        text = body if isinstance(body, str) else json.dumps(body)
        return web.Response(status=code, text=text, headers=named)

    return answer


async def broken_connection(request: web.Request) -> web.StreamResponse:
    assert request.transport
    request.transport.abort()
    return web.Response()
