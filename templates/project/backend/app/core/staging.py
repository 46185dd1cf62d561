"""Files that are not finished yet: whole ones go on from here, the others leave nothing."""

import asyncio
import errno
import hashlib
import os
import shutil
import time
from collections.abc import AsyncIterable, AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from app.core.problems import Problem

CHUNK = 1024 * 1024  # bytes
DAY = 86_400  # seconds; what is older was left by a process that was killed
FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True)
class Staged:
    path: Path
    sha256: str
    size: int


class Staging:
    """A folder of unfinished files, on the disk that the finished ones go to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        for left in self.folder.iterdir():
            if left.stat().st_mtime < time.time() - DAY:
                left.unlink(missing_ok=True)

    @asynccontextmanager
    async def stage(
        self, chunks: AsyncIterable[bytes], limit: int | None = None
    ) -> AsyncIterator[Staged]:
        """Write `chunks` to the disk; the file is gone afterwards, unless it was moved."""
        path = self.folder / uuid4().hex
        try:
            yield await self._write(path, chunks, limit)
        finally:
            path.unlink(missing_ok=True)

    async def _write(self, path: Path, chunks: AsyncIterable[bytes], limit: int | None) -> Staged:
        digest = hashlib.sha256()
        size = 0
        with disk_full_said(), path.open("xb") as file:
            async for block in gather_blocks(chunks):
                size += len(block)
                if limit is not None and size > limit:
                    raise Problem(413, f"The file is larger than {limit:,} bytes.")
                await asyncio.to_thread(_append, file, block, digest)
            await asyncio.to_thread(flush, file)
        return Staged(path, digest.hexdigest(), size)


async def gather_blocks(chunks: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """Fewer and larger pieces: a thread for each few kilobytes costs more than the writing."""
    block = bytearray()
    async for chunk in chunks:
        block += chunk
        if len(block) >= CHUNK:
            yield bytes(block)
            block.clear()
    if block:
        yield bytes(block)


async def read_file(path: Path) -> AsyncIterator[bytes]:
    """The file in chunks."""
    with path.open("rb") as file:
        while chunk := await asyncio.to_thread(file.read, CHUNK):
            yield chunk


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A folder to fill, which becomes `target` when all went well, and else is gone."""
    unfinished = target.with_name(f".{target.name}.{uuid4().hex}")
    try:
        with disk_full_said():
            unfinished.mkdir(parents=True)
            yield unfinished
            unfinished.rename(target)
            flush_folder(target.parent)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


@contextmanager
def disk_full_said() -> Iterator[None]:
    """Answer 507 where the disk is full."""
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        detail = "The disk of the storage is full; delete what is not needed, and try again."
        raise Problem(507, detail) from error


def flush(file: BinaryIO) -> None:
    """Have it on the disk, not only on the way there."""
    file.flush()
    os.fsync(file.fileno())


def flush_folder(folder: Path) -> None:
    """Have the names of its files on the disk; Windows does it by itself."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _append(file: BinaryIO, block: bytes, digest: "hashlib._Hash") -> None:
    digest.update(block)
    file.write(block)
