"""What the endpoints of RunPod are told, whatever their image is, and what they say when they are there."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pydantic import Field

from core.arguments import Arguments
from core.artifact import latest_artifact
from core.errors import UserError
from runpod_cloud import RunPod
from runpod_endpoints import Endpoints, Kind, Limits, endpoint_name


class EndpointSettings(Arguments):
    artifact: Path | None = None
    """Folder of the finished run that is served; the newest one in runs/ if not given."""
    gpu: str = ""
    """Which GPU a worker has, by RunPod's name for it; blank is none."""
    max_workers: int = Field(1, ge=1)
    """Workers at the most; the least are none."""
    max_hourly: float | None = Field(None, gt=0)
    """USD per hour that all workers together may cost at the most."""
    idle: int = Field(5, ge=1, le=3600)
    """Seconds without a job after which a worker ends; they are paid for."""
    timeout: int = Field(300, ge=1)
    """Seconds that a job may take."""
    delete: bool = False
    """End the endpoint, its workers, and the jobs that wait."""

    def find_artifact(self) -> Path:
        """
        Raises:
            ArtifactError: None is given, and there is none in runs/.
        """
        return self.artifact or latest_artifact(Path("runs"))


Settings = TypeVar("Settings", bound=EndpointSettings)


class Deployment:
    """Makes, renews or ends the endpoint of the model in the current folder."""

    def __init__(self, settings: EndpointSettings) -> None:
        self._settings = settings
        self._endpoints = Endpoints(RunPod.from_environment().rest)
        self._name = endpoint_name(Path.cwd())

    def end(self) -> None:
        was_there = self._endpoints.end(self._name)
        print(f"{self._name} is ended." if was_there else f"There is no {self._name}.")

    def choose(self, vcpus: int) -> Kind:
        """
        Raises:
            UserError: There is no such GPU or number of CPUs, or it costs too much.
        """
        settings = self._settings
        kind = self._endpoints.kind(settings.gpu, vcpus)
        most = kind.usd_per_hour * settings.max_workers
        if settings.max_hourly is not None and most > settings.max_hourly:
            raise UserError(
                f"{settings.max_workers} x {kind.name} cost {most:.2f} USD an hour while they work:"
                f" choose less, or raise --max-hourly {settings.max_hourly:g}."
            )
        return kind

    def put(self, image: str, kind: Kind, env: dict[str, str]) -> None:
        """
        Raises:
            ProviderError: RunPod refuses.
        """
        limits = Limits(self._settings.max_workers, self._settings.idle, self._settings.timeout)
        endpoint = self._endpoints.put(self._name, image, kind, limits, env)
        print(
            f"endpoint  {self._name} ({endpoint['id']}): none to {limits.workers} workers,"
            f" {kind.name}, {kind.usd_per_hour:.2f} USD an hour each while there is work"
        )
        if url := (endpoint.get("requestUrls") or {}).get("runSync"):
            print(f"ask       {url}")


def deploy(settings: type[Settings], make: Callable[[Settings, Deployment], None]) -> int:
    """Do what the command line says; its exit code.

    Args:
        make: What makes the endpoint.
    """
    try:
        given = settings.from_arguments(sys.argv[1:])
        deployment = Deployment(given)
        if given.delete:
            deployment.end()
        else:
            make(given, deployment)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    return 0
