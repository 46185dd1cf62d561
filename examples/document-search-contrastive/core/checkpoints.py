"""Checkpoints are on the first node's disk: the others are sent what they need to go on from them."""

from collections.abc import Iterator
from pathlib import Path

from core import processes

CHUNK = 64 << 20  # bytes that are sent at a time


def bring(path: Path) -> Path:
    """A file or folder of the first node, on every node under the same path."""
    if processes.nodes() == 1:
        return path
    names = [file.relative_to(path).as_posix() for file in _files(path)]
    for name in processes.share(names):
        _bring_file(path / name)
    return path


def _bring_file(path: Path) -> None:
    receives = processes.is_first_of_node() and not processes.is_on_first_node()
    if receives:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    chunks = _chunks(path) if processes.is_first() else iter(())
    while chunk := processes.share(next(chunks, b"")):
        if receives:
            with path.open("ab") as file:
                file.write(chunk)


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    elif path.is_dir():
        yield from sorted(file for file in path.rglob("*") if file.is_file())


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk
