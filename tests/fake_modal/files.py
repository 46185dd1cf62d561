"""Images, mounts and secrets: what a container has beside its volumes."""

import hashlib
import itertools
import shlex
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from grpclib import GRPCError, Status
from modal_proto import api_pb2 as pb

from tests.fake_modal.volumes import Blocks

BUILDER = "2025.06"
BUILT = pb.GenericResult(status=pb.GenericResult.GENERIC_STATUS_SUCCESS)


class Files:
    """Images are built at once: their packages are those of the tests; their ENV counts."""

    def __init__(self, blocks: Blocks) -> None:
        self._blocks = blocks
        self._ids = itertools.count(1)
        self._images: dict[bytes, str] = {}
        self._recipes: dict[str, pb.Image] = {}
        self._mounts: dict[str, list[pb.MountFile]] = {}
        self._secrets: dict[str, dict[str, str]] = {}
        self.named_secrets: dict[str, dict[str, str]] = {}

    def recipe(self, image_id: str) -> list[str]:
        """All lines of an image's Dockerfile, those of the images below it first."""
        image = self._recipes.get(image_id)
        if image is None:
            return []
        below = [line for base in image.base_images for line in self.recipe(base.image_id)]
        return [*below, *image.dockerfile_commands]

    def environment(self, function: pb.Function) -> dict[str, str]:
        lines = [line for line in self.recipe(function.image_id) if line.startswith("ENV ")]
        words = [word for line in lines for word in shlex.split(line.removeprefix("ENV "))]
        variables = dict(word.split("=", 1) for word in words)
        for secret in function.secret_ids:
            variables |= self._secrets[secret]
        return variables

    def write_mounts(self, mount_ids: list[str], root: Path) -> None:
        for file in (file for mount in mount_ids for file in self._mounts.get(mount, [])):
            target = root / file.filename.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(self._blocks.get(file.sha256_hex))

    def ImageGetOrCreate(self, request: pb.ImageGetOrCreateRequest) -> Any:
        key = request.image.SerializeToString(deterministic=True)
        image_id = self._images.setdefault(key, f"im-{next(self._ids)}")
        self._recipes[image_id] = request.image
        facts = pb.ImageMetadata(image_builder_version=request.builder_version)
        return pb.ImageGetOrCreateResponse(image_id=image_id, result=BUILT, metadata=facts)

    async def ImageJoinStreaming(
        self, request: pb.ImageJoinStreamingRequest
    ) -> AsyncIterator[pb.ImageJoinStreamingResponse]:
        yield pb.ImageJoinStreamingResponse(result=BUILT, eof=True)

    def MountBatchedCheckExistence(self, request: pb.MountBatchedCheckExistenceRequest) -> Any:
        missing = [name for name in request.sha256_hex_hashes if not self._blocks.has(name)]
        return pb.MountBatchedCheckExistenceResponse(missing_sha256_hex_hashes=missing)

    def MountPutFile(self, request: pb.MountPutFileRequest) -> Any:
        if request.data or request.sha256_hex == hashlib.sha256().hexdigest():
            self._blocks.put(request.data)
        return pb.MountPutFileResponse(exists=self._blocks.has(request.sha256_hex))

    def MountGetOrCreate(self, request: pb.MountGetOrCreateRequest) -> Any:
        mount_id = f"mo-{next(self._ids)}"
        self._mounts[mount_id] = list(request.files)
        facts = pb.MountHandleMetadata(content_checksum_sha256_hex=mount_id)
        return pb.MountGetOrCreateResponse(mount_id=mount_id, handle_metadata=facts)

    def SecretGetOrCreate(self, request: pb.SecretGetOrCreateRequest) -> Any:
        content = dict(request.env_dict)
        if name := request.deployment_name:
            if name not in self.named_secrets:
                raise GRPCError(Status.NOT_FOUND, f"Secret '{name}' not found.")
            content = self.named_secrets[name]
        secret_id = f"st-{next(self._ids)}"
        self._secrets[secret_id] = content
        return pb.SecretGetOrCreateResponse(secret_id=secret_id)
