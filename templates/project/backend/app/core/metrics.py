"""Counters for Prometheus, at `/metrics`."""

import time
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.database import AppDatabase

SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
JOBS = "select status, count(*) from ml_jobs group by status"
STATUSES = ("queued", "running", "succeeded", "stopped", "failed", "cancelled")

router = APIRouter(tags=["operation"])


class Metrics:
    """Those of one application; they start at zero with it."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.requests = Counter(
            "http_requests", "Requests", ["route", "method", "status"], registry=registry
        )
        self.seconds = Histogram(
            "http_request_seconds",
            "Time until the answer begins",
            ["route", "method"],
            buckets=SECONDS,
            registry=registry,
        )
        self.in_flight = Gauge("http_requests_in_flight", "Requests now", registry=registry)
        self.predictions = Counter(
            "ml_predictions", "Answers by where they came from", ["source"], registry=registry
        )
        self.jobs = Gauge("ml_jobs", "Jobs by status", ["status"], registry=registry)


async def _of_app(connection: HTTPConnection) -> Metrics:
    metrics: Metrics = connection.app.state.metrics
    return metrics


AppMetrics = Annotated[Metrics, Depends(_of_app)]
"""What `app.state.metrics` holds."""


class RequestMetrics:
    """Counts requests by the template of their route, never by the path that was asked."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        started = time.perf_counter()

        async def observe(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._count(scope, message["status"], time.perf_counter() - started)
            await send(message)

        with self._metrics.in_flight.track_inprogress():
            await self._app(scope, receive, observe)

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        route = _template(scope)
        method = scope["method"] if route else "any"
        self._metrics.requests.labels(route, method, status).inc()
        self._metrics.seconds.labels(route, method).observe(seconds)


def _template(scope: Scope) -> str:
    """As `/ml/models/{name}`; the route knows its own end of it, the rest is as in the path."""
    if "route" not in scope:
        return ""
    end = scope["route"].path.split("/")[1:]
    path = scope["path"].split("/")
    return "/".join([*path[: len(path) - len(end)], *end])


@router.get("/metrics", include_in_schema=False)
async def get_metrics(metrics: AppMetrics, database: AppDatabase) -> Response:
    """Requests, predictions and jobs, as Prometheus reads them."""
    async with database.as_service() as connection:
        rows = await connection.fetch(JOBS)
    found = {row["status"]: row["count"] for row in rows}
    for status in STATUSES:
        metrics.jobs.labels(status).set(found.get(status, 0))
    return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)
