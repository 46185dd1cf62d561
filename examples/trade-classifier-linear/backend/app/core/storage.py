"""Where files are kept: data sets, artifacts, logs; on this disk, or in Supabase's storage."""

from collections.abc import AsyncIterable, AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Annotated, Protocol
from uuid import UUID

from fastapi import Depends
from starlette.requests import HTTPConnection

from app.core.problems import Problem
from app.core.settings import Settings
from app.core.staging import Staged, Staging

SUFFIXES = ("", ".csv", ".tsv", ".json", ".jsonl", ".parquet")  # of data set files


class Missing(Problem):
    """No such file or folder."""

    def __init__(self, path: str) -> None:
        super().__init__(404, f"The storage holds no {path}.")


class Storage(Protocol):
    """Whole files and whole folders under paths with slashes: written completely, or not at all."""

    def stage(
        self, chunks: AsyncIterable[bytes], limit: int | None = None
    ) -> AbstractAsyncContextManager[Staged]:
        """A file on this machine, hashed and measured while it was written; gone afterwards.

        Raises:
            Problem: It is larger than `limit` bytes, or the disk is full.
        """
        ...

    async def keep(self, staged: Staged, path: str) -> None:
        """Put what was staged at `path`, in place of what is there."""
        ...

    async def put(self, path: str, chunks: AsyncIterable[bytes]) -> Staged:
        """Stage and keep at once."""
        ...

    async def read(self, path: str) -> AsyncIterator[bytes]:
        """The file in chunks.

        Raises:
            Missing: There is no such file.
        """
        ...

    def local(self, path: str) -> AbstractAsyncContextManager[Path]:
        """The file on this machine: to read, not to change.

        Raises:
            Missing: There is no such file.
        """
        ...

    async def put_folder(self, path: str, folder: Path) -> None:
        """Copy all files of `folder` to `path`, in place of what is there."""
        ...

    async def get_folder(self, path: str, target: Path) -> None:
        """Copy what is at `path` to the new folder `target`.

        Raises:
            Missing: There is no such folder.
        """
        ...

    async def list_folder(self, path: str) -> dict[str, int]:
        """Size of each file of a folder, under its path within it.

        Raises:
            Missing: There is no such folder.
        """
        ...

    async def delete(self, path: str) -> None:
        """Delete a file if it is there."""
        ...

    async def delete_folder(self, path: str) -> None:
        """Delete a folder if it is there."""
        ...


def dataset_path(owner: UUID, version: UUID, suffix: str) -> str:
    """Of a data set version's file."""
    if suffix not in SUFFIXES:
        raise ValueError(f"{suffix!r} is no suffix of a data set file")
    return f"datasets/{owner}/{version}{suffix}"


def preview_path(owner: UUID, version: UUID) -> str:
    """Of what a page shows of a data set version, made when the file comes in."""
    return f"datasets/{owner}/{version}.preview.json"


def artifact_path(owner: UUID, model_version: UUID) -> str:
    """Of the folder that a training left."""
    return f"artifacts/{owner}/{model_version}"


def job_path(owner: UUID, job: UUID, name: str) -> str:
    """Of `log.txt`, `input<suffix>` and `output.csv` of a job."""
    if "/" in name or name.startswith("."):
        raise ValueError(f"{name!r} is no file name")
    return f"jobs/{owner}/{job}/{name}"


def open_storage(settings: Settings) -> Storage:
    """Supabase's where its URL and key are set, else ML_DATA_DIR."""
    from app.core.local_storage import LocalStorage
    from app.core.supabase_storage import SupabaseStorage

    if settings.supabase_url and settings.supabase_secret_key:
        staging = Staging(settings.ml_data_dir / "staging")
        key = settings.supabase_secret_key.get_secret_value()
        return SupabaseStorage(settings.supabase_url, key, staging)
    return LocalStorage(settings.ml_data_dir / "storage")


async def _of_app(connection: HTTPConnection) -> Storage:
    storage: Storage = connection.app.state.storage
    return storage


AppStorage = Annotated[Storage, Depends(_of_app)]
"""What `app.state.storage` holds while the application runs."""
