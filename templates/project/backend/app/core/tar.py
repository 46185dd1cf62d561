"""A folder of the storage as a tar file, written while it is read."""

import tarfile
from collections.abc import AsyncIterator

from app.core.storage import Storage


def tar_size(sizes: dict[str, int]) -> int:
    """Bytes of the tar file of files with these names and sizes."""
    return sum(len(_header(*file)) + _padded(file[1]) for file in sizes.items()) + len(_END)


async def stream_tar(storage: Storage, path: str, sizes: dict[str, int]) -> AsyncIterator[bytes]:
    for name, size in sizes.items():
        yield _header(name, size)
        async for chunk in await storage.read(f"{path}/{name}"):
            yield chunk
        yield bytes(_padded(size) - size)
    yield _END


_END = bytes(2 * tarfile.BLOCKSIZE)


def _header(name: str, size: int) -> bytes:
    entry = tarfile.TarInfo(name)
    entry.size = size
    return entry.tobuf(tarfile.PAX_FORMAT)


def _padded(size: int) -> int:
    return -(-size // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE
