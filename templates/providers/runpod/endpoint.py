"""A serverless endpoint at RunPod: `python endpoint.py --image you/trades:1` makes it or renews it.

It costs nothing while nobody asks; `python endpoint.py --delete` ends it.
"""

import sys

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from core.errors import UserError
from runpod_deploy import Deployment, EndpointSettings, deploy
from runpod_image import build_image


class Settings(EndpointSettings):
    model_config = SettingsConfigDict(cli_prog_name="endpoint.py")

    image: str = ""
    """Name that the image gets in a registry, as in you/trades:1."""
    build: bool = True
    """Build the image with docker and push it; --no-build takes the one that the registry has."""
    vcpus: int = Field(4, ge=2)
    """Virtual CPUs of a worker that has no GPU, with 2 GB each."""


def make(settings: Settings, deployment: Deployment) -> None:
    """
    Raises:
        UserError: It cannot be; nothing is made then.
    """
    if not settings.image:
        raise UserError("--image is needed: a name in your registry, as in you/trades:1.")
    kind = deployment.choose(settings.vcpus)
    if settings.build:
        build_image(settings.image, settings.find_artifact())
    deployment.put(settings.image, kind, {})


if __name__ == "__main__":
    sys.exit(deploy(Settings, make))
