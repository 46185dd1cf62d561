"""The server at Modal: no container while nobody asks, and the app of `python serve.py` when one does."""

import asyncio
import os
from pathlib import Path

import modal
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from core.app import create_app
from core.artifact import read_manifest
from core.errors import ArtifactError
from core.options import ServerSettings
from core.service import Service
from modal_app import create_image, create_secret
from modal_worker import MODEL, STORE, VOLUME
from predict import Predictor
from schemas import Input, Output

RUNS = STORE / "runs"
REQUESTS = 64  # that a container answers at once; they are put into batches
IDLE = 60  # seconds without a request after which a container ends
LOADED = 600  # seconds to load a model

app = modal.App(f"{MODEL}-serve")


@app.cls(
    image=create_image("requirements-serve.txt"),
    gpu=os.environ.get("SERVE_GPU") or None,
    volumes={str(STORE): VOLUME},
    secrets=[create_secret()],
    min_containers=0,
    max_containers=2,
    scaledown_window=IDLE,
    startup_timeout=LOADED,
    enable_memory_snapshot=True,  # of what is imported above
)
@modal.concurrent(max_inputs=REQUESTS)
class Endpoint:
    @modal.enter()
    def load(self) -> None:
        VOLUME.reload()
        self.artifact = find_artifact()
        self.predictor = Predictor.load(self.artifact)

    @modal.asgi_app(requires_proxy_auth="SERVE_API_KEY" not in os.environ)
    def web(self) -> FastAPI:
        """Open to those who have SERVE_API_KEY; without one, to those with a proxy token of Modal."""
        manifest = read_manifest(self.artifact)
        routers = getattr(Predictor, "routers", ())
        settings = ServerSettings.from_arguments([])
        web = create_app(lambda: self.predictor, Input, Output, manifest, settings, routers)
        web.add_middleware(Patience, service=web.state.served.service)
        return web


class Patience:
    """A request that woke the container waits for the model, instead of being told to come again."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        while scope["type"] == "http" and self._service.state == "loading":
            if self._service.failure:
                raise self._service.failure
            await asyncio.sleep(0.02)
        await self._app(scope, receive, send)


def find_artifact() -> Path:
    """The run that SERVE_RUN names, or the newest that has finished.

    Raises:
        ArtifactError: There is none.
    """
    wanted = os.environ.get("SERVE_RUN") or "*"
    finished = [path.parent for path in RUNS.glob(f"*/{wanted}/manifest.json")]
    if not finished:
        raise ArtifactError(
            f"No finished run {wanted} at Modal: train one with modal run train.py."
        )
    return max(finished, key=lambda run: run.name)
