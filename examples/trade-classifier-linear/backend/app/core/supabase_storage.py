"""The storage of a Supabase project, through its REST interface; its bucket is private."""

import asyncio
import hashlib
import json
import random
import shutil
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

import httpx

from app.core.problems import Problem
from app.core.staging import Staged, Staging, read_file, whole_folder
from app.core.storage import Missing

BUCKET = "ml"
INDEX = ".files.json"  # of a folder; written last, so that a folder is whole or not there
ATTEMPTS = 4
FIRST_WAIT = 0.5  # seconds; it doubles
TIMEOUT = httpx.Timeout(10, read=120, write=120)


class SupabaseStorage:
    """Objects of the bucket `ml`; no policy opens it to users, so only this key reads it."""

    def __init__(self, url: str, key: str, staging: Staging) -> None:
        self._staging = staging
        headers = {"apikey": key}
        if key.startswith("eyJ"):  # a service_role key; the gateway takes no other as a bearer
            headers["Authorization"] = f"Bearer {key}"
        self._client = httpx.AsyncClient(
            base_url=f"{url.rstrip('/')}/storage/v1", headers=headers, timeout=TIMEOUT
        )

    async def close(self) -> None:
        await self._client.aclose()

    def stage(
        self, chunks: AsyncIterable[bytes], limit: int | None = None
    ) -> AbstractAsyncContextManager[Staged]:
        return self._staging.stage(chunks, limit)

    async def keep(self, staged: Staged, path: str) -> None:
        await self._upload(staged.path, path)

    async def put(self, path: str, chunks: AsyncIterable[bytes]) -> Staged:
        async with self.stage(chunks) as staged:
            await self.keep(staged, path)
        return staged

    async def read(self, path: str) -> AsyncIterator[bytes]:
        request = self._client.build_request("GET", f"/object/authenticated/{BUCKET}/{quote(path)}")
        response = await self._client.send(request, stream=True)
        if response.is_success:
            return _content(response)
        await response.aread()
        raise Missing(path) if _is_missing(response) else _failed(response)

    @asynccontextmanager
    async def local(self, path: str) -> AsyncIterator[Path]:
        async with self.stage(await self.read(path)) as staged:
            named = staged.path.with_name(staged.path.name + PurePosixPath(path).suffix)
            staged.path.rename(named)
            try:
                yield named
            finally:
                named.unlink(missing_ok=True)

    async def put_folder(self, path: str, folder: Path) -> None:
        index: dict[str, dict[str, Any]] = {}
        for file in sorted(folder.rglob("*")):
            if file.is_file() and not file.is_symlink():
                name = file.relative_to(folder).as_posix()
                index[name] = await asyncio.to_thread(_measure, file)
                await self._upload(file, f"{path}/{name}")
        async with self.stage(_once(json.dumps(index).encode())) as staged:
            await self.keep(staged, f"{path}/{INDEX}")

    async def get_folder(self, path: str, target: Path) -> None:
        index = await self._index(path)
        with whole_folder(target) as unfinished:
            for name, expected in index.items():
                place = unfinished / name
                place.parent.mkdir(parents=True, exist_ok=True)
                async with self.stage(await self.read(f"{path}/{name}")) as staged:
                    if staged.sha256 != expected["sha256"]:
                        raise Problem(502, f"{path}/{name} is not what was stored; train again.")
                    await asyncio.to_thread(shutil.copyfile, staged.path, place)

    async def list_folder(self, path: str) -> dict[str, int]:
        return {name: facts["bytes"] for name, facts in (await self._index(path)).items()}

    async def delete(self, path: str) -> None:
        await self._delete([path])

    async def delete_folder(self, path: str) -> None:
        try:
            names = await self._index(path)
        except Missing:
            return
        await self._delete([f"{path}/{INDEX}", *(f"{path}/{name}" for name in names)])

    async def _index(self, path: str) -> dict[str, dict[str, Any]]:
        content = b"".join([chunk async for chunk in await self.read(f"{path}/{INDEX}")])
        index: dict[str, dict[str, Any]] = json.loads(content)
        return index

    async def _upload(self, file: Path, path: str) -> None:
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Length": str(file.stat().st_size),
            "x-upsert": "true",
        }
        for attempt in range(ATTEMPTS):
            try:
                response = await self._client.post(
                    f"/object/{BUCKET}/{quote(path)}", content=read_file(file), headers=headers
                )
            except httpx.TransportError as error:
                failure: Exception = error
            else:
                if response.is_success:
                    return
                failure = _failed(response)
                if "bucket not found" in response.text.lower():
                    await self._make_bucket()
                elif response.status_code < 500 and response.status_code != 429:
                    break
            await asyncio.sleep(FIRST_WAIT * 2**attempt * random.random())
        raise failure

    async def _make_bucket(self) -> None:
        body = {"id": BUCKET, "name": BUCKET, "public": False}
        await self._client.post("/bucket", json=body)  # another process may have been first

    async def _delete(self, paths: list[str]) -> None:
        response = await self._client.request(
            "DELETE", f"/object/{BUCKET}", json={"prefixes": paths}
        )
        if response.is_error and not _is_missing(response):
            raise _failed(response)


async def _content(response: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for chunk in response.aiter_bytes():
            yield chunk
    finally:
        await response.aclose()


def _is_missing(response: httpx.Response) -> bool:
    """The interface answers 400 with the real status in the body."""
    return response.status_code == 404 or '"404"' in response.text


def _failed(response: httpx.Response) -> Problem:
    if response.status_code == 413 or '"413"' in response.text:
        detail = (
            "The file is larger than the storage takes; raise the limit in Supabase's settings."
        )
        return Problem(413, detail)
    return Problem(502, f"Supabase's storage answered {response.status_code}; its logs say why.")


def _measure(file: Path) -> dict[str, Any]:
    with file.open("rb") as reading:
        digest = hashlib.file_digest(reading, "sha256").hexdigest()
    return {"sha256": digest, "bytes": file.stat().st_size}


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
