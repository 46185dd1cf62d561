"""The folder of a run in the volume, for the mirror; and what Modal says, in a sentence."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath

import modal
from modal import exception

from core.errors import ProviderError, UserError
from core.mirror import Version
from modal_apps import FORGOTTEN


class VolumeFolder:
    """
    Args:
        path: In the volume; empty while there is no such folder yet.
    """

    def __init__(self, volume: modal.Volume, path: str = "") -> None:
        self._volume = volume
        self.path = path

    def versions(self) -> dict[str, Version]:
        """Size and time of each file, by its path in the folder."""
        if not self.path:
            return {}
        with explained():
            try:
                entries = self._volume.listdir(self.path, recursive=True)
            except exception.NotFoundError:
                return {}
        return {
            PurePosixPath(entry.path.lstrip("/")).relative_to(self.path).as_posix(): Version(
                entry.size, entry.mtime
            )
            for entry in entries
            if entry.type.name == "FILE"
        }

    def read(self, path: str, start: int = 0) -> Iterator[bytes]:
        with explained():
            try:
                for chunk in self._volume.read_file(f"{self.path}/{path}"):
                    if len(chunk) > start:
                        yield chunk[start:]
                    start = max(0, start - len(chunk))
            except FileNotFoundError:
                raise ProviderError(f"{path} is no longer in the volume.") from None


@contextmanager
def explained() -> Iterator[None]:
    """
    Raises:
        UserError: There is no token, or a wrong one.
        ProviderError: Modal refused, or cannot be reached.
    """
    try:
        yield
    except exception.AuthError:
        raise UserError(FORGOTTEN) from None
    except exception.ImageBuildError:
        raise ProviderError(
            "Modal could not build the image: modal deploy train.py shows why."
        ) from None
    except (exception.Error, OSError) as error:
        said = " ".join(str(error).split()) or type(error).__name__
        raise ProviderError(f"Modal: {said.rstrip('.')}.") from None
