"""Structured logs: JSON where a program reads them, plain where a person does."""

import logging
import os
import re
import sys
import time
from typing import Any
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, clear_contextvars, merge_contextvars
from structlog.dev import plain_traceback
from structlog.types import Processor

log = structlog.get_logger(__name__)

QUIET = {"/healthz", "/readyz", "/metrics"}
REQUEST_ID = re.compile(r"[\w.:-]{1,128}", re.ASCII)


def configure(level: int = logging.INFO) -> None:
    """Send every log line of this process, those of libraries too, to standard output."""
    is_plain = sys.stdout.isatty() or os.environ.get("LOG_FORMAT") == "plain"
    shared: list[Processor] = [
        merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if is_plain else "iso", utc=not is_plain),
    ]
    final: list[Processor] = [structlog.processors.format_exc_info]
    if is_plain:
        final = [
            structlog.dev.ConsoleRenderer(
                colors=sys.stdout.isatty(), pad_event_to=0, exception_formatter=plain_traceback
            )
        ]
    else:
        final += [structlog.processors.JSONRenderer(default=str)]
    structlog.configure(
        [
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *final],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # its lines hold queries


class RequestLog:
    """One line for each request, and an id that ties together what was logged meanwhile.

    The query is left out, as it may hold what is nobody's business.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        request_id = _request_id(Headers(scope=scope).get("x-request-id"))
        scope.setdefault("state", {})["request_id"] = request_id
        clear_contextvars()
        bind_contextvars(request_id=request_id)
        started = time.perf_counter()
        status = 499  # the client left before it got an answer

        async def observe(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        try:
            await self._app(scope, receive, observe)
        finally:
            if scope["path"] not in QUIET:
                log.info("Request.", **_facts(scope, status, time.perf_counter() - started))


def _request_id(given: str | None) -> str:
    return given if given and REQUEST_ID.fullmatch(given) else uuid4().hex


def _facts(scope: Scope, status: int, seconds: float) -> dict[str, Any]:
    return {
        "method": scope["method"],
        "path": scope["path"],
        "status": status,
        "ms": round(1000 * seconds, 1),
    }
