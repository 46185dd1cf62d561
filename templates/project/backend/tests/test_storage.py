"""The two storages do the same; what is written is whole or not there."""

import hashlib
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

import pytest
from pydantic import SecretStr

from app.core import supabase_storage
from app.core.local_storage import LocalStorage
from app.core.problems import Problem
from app.core.settings import Settings
from app.core.staging import Staging
from app.core.storage import (
    Missing,
    Storage,
    artifact_path,
    dataset_path,
    job_path,
    open_storage,
)
from app.core.supabase_storage import SupabaseStorage

KEY = "sb_secret_test"


class FakeSupabase(BaseHTTPRequestHandler):
    """Supabase's storage, as far as it is used: paths, headers and odd errors as the real one."""

    objects: dict[str, bytes]
    buckets: set[str]
    failures: list[int]
    seen: list[tuple[str, str, dict[str, str]]]
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self._begin()
        if self.path == "/storage/v1/bucket":
            bucket = json.loads(body)
            assert bucket["public"] is False
            self.buckets.add(bucket["id"])
            return self._answer(200, {"name": bucket["id"]})
        if self.failures:
            return self._answer(self.failures.pop(), {"message": "try again"})
        bucket, _, name = self._place("/storage/v1/object/").partition("/")
        if bucket not in self.buckets:
            return self._error("404", "Bucket not found")
        if name in self.objects and self.headers["x-upsert"] != "true":
            return self._error("409", "The resource already exists")
        self.objects[name] = body
        self._answer(200, {"Key": f"{bucket}/{name}"})

    def do_GET(self) -> None:
        self._begin()
        name = self._place("/storage/v1/object/authenticated/ml/")
        if name not in self.objects:
            return self._error("404", "Object not found")
        self._answer(200, self.objects[name])

    def do_DELETE(self) -> None:
        prefixes = json.loads(self._begin())["prefixes"]
        assert self.path == "/storage/v1/object/ml"
        self._answer(200, [{"name": n} for n in prefixes if self.objects.pop(n, None) is not None])

    def _begin(self) -> bytes:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.seen.append((self.command, self.path, headers))
        return self.rfile.read(int(headers.get("content-length", 0)))

    def _place(self, prefix: str) -> str:
        assert self.path.startswith(prefix)
        return unquote(self.path.removeprefix(prefix))

    def _error(self, status: str, message: str) -> None:
        self._answer(400, {"statusCode": status, "error": "not_found", "message": message})

    def _answer(self, status: int, content: object) -> None:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def supabase() -> Iterator[tuple[str, type[FakeSupabase]]]:
    state: dict[str, Any] = {"objects": {}, "buckets": set(), "failures": [], "seen": []}
    handler = type("Handler", (FakeSupabase,), state)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", handler
    server.shutdown()
    server.server_close()


@pytest.fixture(params=["local", "supabase"])
async def storage(
    request: pytest.FixtureRequest, tmp_path: Path, supabase: tuple[str, type[FakeSupabase]]
) -> AsyncIterator[Storage]:
    if request.param == "local":
        yield LocalStorage(tmp_path / "storage")
    else:
        storage = SupabaseStorage(supabase[0], KEY, Staging(tmp_path / "staging"))
        yield storage
        await storage.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Four megabytes, where the tests run as root and may mount."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)]
    if (
        sys.platform != "linux"
        or subprocess.run(mount, check=False, capture_output=True).returncode
    ):
        pytest.skip("only root may mount a small disk")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


async def once(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def content(storage: Storage, path: str) -> bytes:
    return b"".join([chunk async for chunk in await storage.read(path)])


def left_over(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_files(storage: Storage, tmp_path: Path) -> None:
    path = dataset_path(uuid4(), uuid4(), ".csv")
    for text in (b"one", b"two, in its place"):
        staged = await storage.put(path, once(text[:2], text[2:]))
        assert staged.size == len(text)
        assert await content(storage, path) == text
    async with storage.local(path) as file:
        assert file.suffix == ".csv"
        assert file.read_bytes() == text
    await storage.delete(path)
    await storage.delete(path)
    for read in (storage.read(path), storage.local(path).__aenter__()):
        with pytest.raises(Missing):
            await read
    assert left_over(tmp_path) == []


async def test_hash_and_size_are_those_of_the_content(storage: Storage) -> None:
    async with storage.stage(once(b"a", b"b" * 3_000_000)) as staged:
        assert staged.size == 3_000_001
        assert staged.sha256 == hashlib.sha256(staged.path.read_bytes()).hexdigest()
    assert not staged.path.exists()


async def test_what_is_too_large_leaves_nothing(storage: Storage, tmp_path: Path) -> None:
    with pytest.raises(Problem, match="larger than 1,000 bytes"):
        async with storage.stage(once(b"x" * 600, b"x" * 600), limit=1000):
            pass
    assert left_over(tmp_path) == []


async def test_what_breaks_off_leaves_nothing(storage: Storage, tmp_path: Path) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"x" * 2_000_000
        raise ConnectionResetError

    path = dataset_path(uuid4(), uuid4(), ".csv")
    with pytest.raises(ConnectionResetError):
        await storage.put(path, broken())
    assert left_over(tmp_path) == []


async def test_folders(storage: Storage, tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "onnx").mkdir(parents=True)
    (source / "manifest.json").write_text("{}")
    (source / "onnx" / "a ü.bin").write_bytes(b"123")
    (source / "link").symlink_to("/etc/hosts")
    path = artifact_path(uuid4(), uuid4())
    for _ in range(2):  # a job that is done again puts it again
        await storage.put_folder(path, source)
    assert await storage.list_folder(path) == {"manifest.json": 2, "onnx/a ü.bin": 3}
    assert await content(storage, f"{path}/onnx/a ü.bin") == b"123"
    target = tmp_path / "target"
    await storage.get_folder(path, target)
    assert (target / "onnx" / "a ü.bin").read_bytes() == b"123"
    assert not (target / "link").exists()
    await storage.delete_folder(path)
    await storage.delete_folder(path)
    with pytest.raises(Missing):
        await storage.list_folder(path)
    with pytest.raises(Missing):
        await storage.get_folder(path, tmp_path / "again")
    assert not (tmp_path / "again").exists()


class TestSupabase:
    async def test_a_secret_key_is_no_bearer_token(
        self, tmp_path: Path, supabase: tuple[str, type[FakeSupabase]]
    ) -> None:
        url, fake = supabase
        for key, bearer in ((KEY, None), ("eyJhbGciOi.x.y", "Bearer eyJhbGciOi.x.y")):
            storage = SupabaseStorage(url, key, Staging(tmp_path))
            await storage.put("jobs/a/b/log.txt", once(b"x"))
            _, path, headers = fake.seen[-1]
            assert path == "/storage/v1/object/ml/jobs/a/b/log.txt"
            assert headers["apikey"] == key
            assert headers.get("authorization") == bearer
            await storage.close()

    async def test_tries_again(
        self,
        tmp_path: Path,
        supabase: tuple[str, type[FakeSupabase]],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(supabase_storage, "FIRST_WAIT", 0.01)
        url, fake = supabase
        storage = SupabaseStorage(url, KEY, Staging(tmp_path))
        fake.failures += [503, 429]
        await storage.put("a", once(b"x"))
        assert fake.objects == {"a": b"x"}
        fake.failures.append(403)
        with pytest.raises(Problem, match="answered 403"):
            await storage.put("a", once(b"y"))
        await storage.close()

    async def test_a_damaged_folder_is_refused_whole(
        self, tmp_path: Path, supabase: tuple[str, type[FakeSupabase]]
    ) -> None:
        url, fake = supabase
        storage = SupabaseStorage(url, KEY, Staging(tmp_path / "staging"))
        (tmp_path / "source").mkdir()
        (tmp_path / "source" / "weights").write_bytes(b"123")
        await storage.put_folder("artifacts/a", tmp_path / "source")
        fake.objects["artifacts/a/weights"] = b"124"
        with pytest.raises(Problem, match="is not what was stored"):
            await storage.get_folder("artifacts/a", tmp_path / "target")
        assert not (tmp_path / "target").exists()
        await storage.close()

    def test_is_chosen_by_its_key(self, tmp_path: Path) -> None:
        values: dict[str, Any] = {
            "ml_data_dir": tmp_path,
            "supabase_url": "https://abc.supabase.co",
        }
        assert isinstance(open_storage(Settings.model_construct(**values)), LocalStorage)
        values["supabase_secret_key"] = SecretStr(KEY)
        assert isinstance(open_storage(Settings.model_construct(**values)), SupabaseStorage)


class TestLocal:
    @pytest.mark.parametrize("path", ["../x", "a/../../x", "/etc/hosts", "", "."])
    async def test_no_path_leads_out(self, tmp_path: Path, path: str) -> None:
        storage = LocalStorage(tmp_path / "storage")
        for attempt in (storage.put(path, once(b"x")), storage.read(path), storage.delete(path)):
            with pytest.raises(ValueError, match="leads out"):
                await attempt

    async def test_no_link_leads_out(self, tmp_path: Path) -> None:
        storage = LocalStorage(tmp_path / "storage")
        (storage.root / "datasets").symlink_to(tmp_path)
        with pytest.raises(ValueError, match="leads out"):
            await storage.put("datasets/x", once(b"x"))

    def test_paths_are_made_of_ids_alone(self) -> None:
        with pytest.raises(ValueError, match="no suffix"):
            dataset_path(uuid4(), uuid4(), "/../../x")
        with pytest.raises(ValueError, match="no file name"):
            job_path(uuid4(), uuid4(), "../log.txt")

    async def test_a_full_disk_leaves_nothing(self, tmp_path: Path, small_disk: Path) -> None:
        storage = LocalStorage(small_disk)
        await storage.put("datasets/kept", once(b"x"))
        with pytest.raises(Problem) as problem:
            await storage.put("datasets/large", once(*[b"x" * 1_000_000] * 8))
        assert problem.value.status_code == 507
        source = tmp_path / "source"
        source.mkdir()
        (source / "weights").write_bytes(bytes(8_000_000))
        with pytest.raises(Problem) as problem:
            await storage.put_folder("artifacts/large", source)
        assert problem.value.status_code == 507
        assert [path.name for path in left_over(small_disk)] == ["kept"]
        assert not (small_disk / "artifacts" / "large").exists()
