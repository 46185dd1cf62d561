"""The storage on this machine's disk."""

import asyncio
import shutil
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from uuid import uuid4

from app.core.staging import (
    Staged,
    Staging,
    disk_full_said,
    flush,
    flush_folder,
    read_file,
    whole_folder,
)
from app.core.storage import Missing


class LocalStorage:
    """Files under `root`; a new one takes its name at once, when all of it is on the disk."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._staging = Staging(self.root / ".staging")

    def stage(
        self, chunks: AsyncIterable[bytes], limit: int | None = None
    ) -> AbstractAsyncContextManager[Staged]:
        return self._staging.stage(chunks, limit)

    async def keep(self, staged: Staged, path: str) -> None:
        await asyncio.to_thread(_move, staged.path, self._place(path))

    async def put(self, path: str, chunks: AsyncIterable[bytes]) -> Staged:
        async with self.stage(chunks) as staged:
            await self.keep(staged, path)
        return staged

    async def read(self, path: str) -> AsyncIterator[bytes]:
        async with self.local(path) as file:
            return read_file(file)

    @asynccontextmanager
    async def local(self, path: str) -> AsyncIterator[Path]:
        place = self._place(path)
        if not place.is_file():
            raise Missing(path)
        yield place

    async def put_folder(self, path: str, folder: Path) -> None:
        await asyncio.to_thread(self._put_folder, self._place(path), folder)

    async def get_folder(self, path: str, target: Path) -> None:
        place = self._place(path)
        if not place.is_dir():
            raise Missing(path)
        await asyncio.to_thread(_get_folder, place, target)

    async def list_folder(self, path: str) -> dict[str, int]:
        place = self._place(path)
        if not place.is_dir():
            raise Missing(path)
        return {
            file.relative_to(place).as_posix(): file.stat().st_size
            for file in sorted(place.rglob("*"))
            if file.is_file()
        }

    async def delete(self, path: str) -> None:
        self._place(path).unlink(missing_ok=True)

    async def delete_folder(self, path: str) -> None:
        place = self._place(path)
        if place.is_dir():
            await asyncio.to_thread(self._discard, place)

    def _place(self, path: str) -> Path:
        place = (self.root / path).resolve()
        if not place.is_relative_to(self.root) or place == self.root:
            raise ValueError(f"{path!r} leads out of the storage")
        return place

    def _put_folder(self, place: Path, folder: Path) -> None:
        with whole_folder(place) as unfinished:
            _copy_files(folder, unfinished)
            if place.exists():
                self._discard(place)

    def _discard(self, place: Path) -> None:
        """Take the name away first: nobody finds half a folder."""
        discarded = place.with_name(f".{place.name}.{uuid4().hex}")
        place.rename(discarded)
        shutil.rmtree(discarded)


def _move(source: Path, place: Path) -> None:
    with disk_full_said():
        place.parent.mkdir(parents=True, exist_ok=True)
        source.replace(place)
        flush_folder(place.parent)


def _get_folder(place: Path, target: Path) -> None:
    with whole_folder(target) as unfinished:
        _copy_files(place, unfinished)


def _copy_files(folder: Path, target: Path) -> None:
    """Files alone: a link in an artifact could lead anywhere."""
    for source in sorted(folder.rglob("*")):
        if not source.is_file() or source.is_symlink():
            continue
        copy = target / source.relative_to(folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        with source.open("rb") as reading, copy.open("xb") as writing:
            shutil.copyfileobj(reading, writing)
            flush(writing)
