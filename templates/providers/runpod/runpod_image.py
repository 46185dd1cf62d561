"""An image of this model, built and pushed by docker: its folder, `core` and one artifact."""

import subprocess
import tarfile
import tempfile
from pathlib import Path

from core.errors import UserError
from core.parcel import Packer

PLATFORM = "linux/amd64"  # RunPod's, whatever this machine is


def build_image(name: str, artifact: Path) -> None:
    """
    Raises:
        UserError: docker is not here, or failed; what it printed says why.
    """
    with tempfile.TemporaryDirectory() as staging:
        packer = Packer(Path.cwd(), [], Path(staging))
        for parcel in packer.pack(artifact):
            with tarfile.open(parcel.path) as tar:
                tar.extractall(staging, filter="data")
        _docker("build", "--platform", PLATFORM, "--tag", name, str(Path(staging, packer.folder)))
    _docker("push", name)


def _docker(*arguments: str) -> None:
    try:
        code = subprocess.run(["docker", *arguments], check=False).returncode
    except FileNotFoundError:
        raise UserError(
            "docker is not here: install it (https://docs.docker.com/get-started/get-docker),"
            " or build the image elsewhere and add --no-build."
        ) from None
    if code:
        raise UserError(f"docker {arguments[0]} failed; what it printed above says why.")
