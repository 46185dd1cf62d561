"""Serves a model over HTTP: its port is open at once, its model follows, and SIGTERM drains it."""

import logging
import socket
import sys
from pathlib import Path
from types import FrameType
from typing import Any, Protocol

import uvicorn
from pydantic import BaseModel

from core.app import create_app
from core.artifact import latest_artifact, read_manifest
from core.errors import UserError
from core.options import ServerSettings
from core.service import Service

log = logging.getLogger(__name__)


class Server(uvicorn.Server):
    """Finishes what is in flight after a first SIGTERM or Ctrl-C; a second one ends it at once."""

    def __init__(self, config: uvicorn.Config, service: Service) -> None:
        super().__init__(config)
        self.service = service

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self.service.is_draining:
            super().handle_exit(sig, frame)
        self.service.is_draining = True

    async def on_tick(self, counter: int) -> bool:
        is_drained = self.service.is_draining and not self.service.in_flight
        return await super().on_tick(counter) or is_drained or bool(self.service.failure)


class Elsewhere(Protocol):
    """A provider on whose machines --cloud serves."""

    def extend(self, config: type[ServerSettings]) -> type[ServerSettings]:
        """The same settings, and those of renting a machine."""

    def serve(self, settings: Any) -> None:
        """Serve there, and here by its port, until SIGTERM; nothing is left there."""


def serve(
    model: type[Any],
    takes: type[BaseModel],
    answers: type[BaseModel],
    *,
    elsewhere: Elsewhere | None = None,
) -> None:
    """Run until SIGTERM; the command line is read here.

    Args:
        model: A `Predictor` with a class method `load`, and `routers` if it has routes of its own.
        elsewhere: What serves with --cloud.
    """
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        config = ServerSettings if elsewhere is None else elsewhere.extend(ServerSettings)
        settings = config.from_arguments(sys.argv[1:])
        if elsewhere is not None and getattr(settings, "cloud", False):
            elsewhere.serve(settings)
        else:
            _serve(model, takes, answers, settings)
    except UserError as error:
        print(error, file=sys.stderr)
        raise SystemExit(error.exit_code) from None


def _serve(
    model: type[Any],
    takes: type[BaseModel],
    answers: type[BaseModel],
    settings: ServerSettings,
) -> None:
    artifact = settings.artifact or latest_artifact(Path("runs"))
    manifest = read_manifest(artifact)
    routers = getattr(model, "routers", ())
    app = create_app(lambda: model.load(artifact), takes, answers, manifest, settings, routers)
    service: Service = app.state.served.service
    config = uvicorn.Config(app, log_config=None, access_log=False)
    with _listen(settings) as listener:
        log.info("%s on http://%s:%s", app.title, *listener.getsockname()[:2])
        Server(config, service).run([listener])
    if service.failure:
        raise service.failure


def _listen(settings: ServerSettings) -> socket.socket:
    try:
        listening = socket.create_server((settings.host, settings.port))
        # Else an answer's body waits until its head is acknowledged: 40 ms.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listening
    except OSError as error:
        raise UserError(
            f"Can't listen on {settings.host}:{settings.port} ({error.strerror}): "
            "choose another --host or --port."
        ) from None
