"""The application: `python -m app.main`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import Depends, FastAPI
from fastapi.middleware.cors import CORSMiddleware

from app.core import errors, health, logs, metrics
from app.core.auth import Tokens
from app.core.database import Database, database_url, reach_database
from app.core.event_stream import heeded_signals
from app.core.limits import BodyLimit, RateLimit, RateLimiter, limit_address
from app.core.lingering import Lingering
from app.core.logs import RequestLog
from app.core.metrics import Metrics, RequestMetrics
from app.core.openapi import describe
from app.core.settings import Settings, read_settings
from app.core.storage import open_storage
from app.ml import (
    batches,
    corrections,
    datasets,
    deployments,
    events,
    jobs,
    models,
    predictions,
    versions,
)
from app.ml.broadcaster import Broadcaster
from app.ml.fallback import Fallback
from app.ml.inference import ModelServers
from app.ml.predicting import Predictor

ROUTERS = (
    predictions.router,  # the first is found the fastest
    models.router,
    versions.router,
    deployments.router,
    batches.router,
    datasets.router,
    jobs.router,
    events.router,
    corrections.router,
)
GRACE = 5  # seconds that requests get to finish at the end
HEADERS = ("authorization", "content-type", "idempotency-key", "if-none-match", "last-event-id")
SUPABASE = ("apikey", "x-client-info", "x-supabase-api-version")  # what supabase-js sends
EXPOSED = ("ETag", "Location", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-ID")


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application, configured by `settings` or by the environment."""
    settings = settings or read_settings()
    app = FastAPI(title="Models", version="1", lifespan=_lifespan)
    app.state.settings = settings
    app.state.metrics = Metrics()
    app.state.rate_limiter = RateLimiter(settings.requests_per_minute)
    _add_routes(app, settings)
    errors.install(app)
    describe(app)
    _add_middleware(app, settings)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    app.state.tokens = Tokens.of(settings)
    app.state.storage = open_storage(settings)
    app.state.database = await Database.connect(database_url(settings))
    key = settings.ml_server_key
    servers = ModelServers(key.get_secret_value() if key else None)
    fallback = Fallback(settings)
    app.state.predictor = Predictor(app.state.database, servers, fallback, app.state.metrics)
    broadcaster = app.state.broadcaster = Broadcaster(app.state.database)
    try:
        with heeded_signals(broadcaster.close):
            async with broadcaster.running():
                yield
    finally:
        await servers.close()
        await fallback.close()
        await app.state.database.close()


def _add_routes(app: FastAPI, settings: Settings) -> None:
    app.include_router(health.router)
    app.include_router(metrics.router)
    if settings.is_local:
        from app.local import auth_server  # not where Supabase signs users in

        # Supabase's protocol, which has clients of its own.
        app.include_router(
            auth_server.router, dependencies=[Depends(limit_address)], include_in_schema=False
        )
    for router in ROUTERS:
        app.include_router(router, prefix="/ml")


def _add_middleware(app: FastAPI, settings: Settings) -> None:
    """The last one added sees a request first."""
    app.add_middleware(BodyLimit, limit=settings.max_body_bytes)
    app.add_middleware(RateLimit, limiter=app.state.rate_limiter)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=settings.cors_origins,
        allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
        allow_headers=[*HEADERS, *SUPABASE],
        expose_headers=EXPOSED,
    )
    app.add_middleware(RequestMetrics, metrics=app.state.metrics)
    app.add_middleware(RequestLog)
    app.add_middleware(Lingering)


def main() -> None:
    settings = read_settings()
    logs.configure()
    reach_database(settings)  # said here, it is a sentence; said by the server, a traceback
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE,
    )


if __name__ == "__main__":
    main()
