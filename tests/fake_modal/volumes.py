"""Volumes with contents: what clients put and get in blocks, and what containers commit."""

import hashlib
import shutil
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any

from google.protobuf.empty_pb2 import Empty
from grpclib import GRPCError, Status
from modal_proto import api_pb2 as pb

BLOCK = 8 * 1024 * 1024  # bytes, of Modal's second kind of volume


class Blocks:
    """Contents by their SHA-256; they are put and got over HTTP."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True)

    def has(self, digest: str) -> bool:
        return (self._folder / digest).is_file()

    def put(self, content: bytes) -> str:
        digest = hashlib.sha256(content).hexdigest()
        (self._folder / digest).write_bytes(content)
        return digest

    def get(self, digest: str) -> bytes:
        return (self._folder / digest).read_bytes()


class View:
    """A container's copy of a volume: others see what it changes once it commits."""

    def __init__(self, committed: Path, folder: Path) -> None:
        self.folder = folder
        self._committed = committed
        shutil.copytree(committed, folder)
        self._known = _stamps(folder)

    def commit(self) -> None:
        now = _stamps(self.folder)
        for name in now.items() - self._known.items():
            target = self._committed / name[0]
            target.parent.mkdir(parents=True, exist_ok=True)
            staged = target.with_name(f".{target.name}.commit")
            with suppress(FileNotFoundError):  # it was there for a moment only
                shutil.copy2(self.folder / name[0], staged)
                staged.replace(target)
        for gone in self._known.keys() - now.keys():
            (self._committed / gone).unlink(missing_ok=True)
        self._known = now


class Volumes:
    def __init__(self, folder: Path, blocks: Blocks) -> None:
        self._folder = folder
        self._blocks = blocks
        self._ids: dict[str, str] = {}
        self.url = ""  # of the HTTP server

    def path(self, volume_id: str) -> Path:
        folder = self._folder / volume_id
        if not folder.is_dir():
            raise GRPCError(Status.NOT_FOUND, f"No volume {volume_id}.")
        return folder

    def named(self, name: str) -> Path:
        return self.path(self._ids[name])

    def names(self) -> dict[str, str]:
        return dict(self._ids)

    def VolumeGetOrCreate(self, request: pb.VolumeGetOrCreateRequest) -> Any:
        name = request.deployment_name
        if name not in self._ids:
            if request.object_creation_type != pb.OBJECT_CREATION_TYPE_CREATE_IF_MISSING:
                raise GRPCError(Status.NOT_FOUND, f"Volume '{name}' not found.")
            self._ids[name] = f"vo-{len(self._ids) + 1}"
            (self._folder / self._ids[name]).mkdir(parents=True)
        facts = pb.VolumeMetadata(version=pb.VOLUME_FS_VERSION_V2, name=name)
        return pb.VolumeGetOrCreateResponse(
            volume_id=self._ids[name], version=pb.VOLUME_FS_VERSION_V2, metadata=facts
        )

    def VolumePutFiles2(self, request: pb.VolumePutFiles2Request) -> Any:
        folder = self.path(request.volume_id)
        if request.disallow_overwrite_existing_files:
            for file in request.files:
                if (folder / file.path.lstrip("/")).exists():
                    raise GRPCError(Status.ALREADY_EXISTS, f"{file.path} exists.")
        missing = [
            pb.VolumePutFiles2Response.MissingBlock(
                file_index=i, block_index=j, put_url=f"{self.url}/blocks"
            )
            for i, file in enumerate(request.files)
            for j, block in enumerate(file.blocks)
            if not self._blocks.has(block.contents_sha256.hex())
        ]
        if not missing:
            for file in request.files:
                target = folder / file.path.lstrip("/")
                target.parent.mkdir(parents=True, exist_ok=True)
                blocks = (self._blocks.get(block.contents_sha256.hex()) for block in file.blocks)
                target.write_bytes(b"".join(blocks)[: file.size])
        return pb.VolumePutFiles2Response(missing_blocks=missing)

    def VolumeGetFile2(self, request: pb.VolumeGetFile2Request) -> Any:
        path = self.path(request.volume_id) / request.path.lstrip("/")
        if not path.is_file():
            raise GRPCError(Status.NOT_FOUND, f"No such file: {request.path}")
        content = path.read_bytes()
        part = content[request.start :][: request.len or None]
        digests = [self._blocks.put(part[at : at + BLOCK]) for at in range(0, len(part), BLOCK)]
        return pb.VolumeGetFile2Response(
            get_urls=[f"{self.url}/blocks/{digest}" for digest in digests],
            size=len(content),
            start=request.start,
            len=len(part),
        )

    async def VolumeListFiles2(
        self, request: pb.VolumeListFiles2Request
    ) -> AsyncIterator[pb.VolumeListFiles2Response]:
        folder = self.path(request.volume_id)
        root = folder / request.path.strip("/")
        if not root.exists():
            raise GRPCError(Status.NOT_FOUND, f"No such file or directory: {request.path}")
        pattern = "**/*" if request.recursive else "*"
        found = [root] if root.is_file() else sorted(root.glob(pattern))
        visible = [path for path in found if not path.name.endswith(".commit")]
        yield pb.VolumeListFiles2Response(entries=[_entry(path, folder) for path in visible])

    def VolumeRemoveFile2(self, request: pb.VolumeRemoveFile2Request) -> Empty:
        path = self.path(request.volume_id) / request.path.strip("/")
        if path.is_dir() and request.recursive:
            shutil.rmtree(path)
        elif path.is_file():
            path.unlink()
        else:
            raise GRPCError(Status.NOT_FOUND, f"No such file: {request.path}")
        return Empty()


def _entry(path: Path, folder: Path) -> pb.FileEntry:
    kind = pb.FileEntry.DIRECTORY if path.is_dir() else pb.FileEntry.FILE
    facts = path.stat()
    name = PurePosixPath(path.relative_to(folder).as_posix())
    return pb.FileEntry(path=str(name), type=kind, mtime=int(facts.st_mtime), size=facts.st_size)


def _stamps(folder: Path) -> dict[str, tuple[int, int, int]]:
    facts = {path: path.stat() for path in folder.rglob("*") if path.is_file()}
    return {
        path.relative_to(folder).as_posix(): (fact.st_mtime_ns, fact.st_size, fact.st_ino)
        for path, fact in facts.items()
    }
