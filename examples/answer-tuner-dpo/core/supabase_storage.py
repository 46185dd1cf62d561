"""Supabase Storage as a place for artifacts: a folder each in a bucket, sent by its resumable uploads (TUS)."""

import base64
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from core.destinations import EVENTS, INSTALL, MANIFEST, BrokenOff, File, Shipment, append, rest_of
from core.errors import DestinationError, UserError
from core.records import write_json

try:
    import httpx
except ImportError:
    raise UserError(f"supabase:// needs httpx: {INSTALL}") from None

URL, KEY = "SUPABASE_URL", "SUPABASE_SECRET_KEY"  # environment variables
CHUNK = 6 << 20  # bytes; Supabase takes no other size, except for the last chunk
TIMEOUT = httpx.Timeout(30, read=120, write=120)  # seconds
TUS = {"Tus-Resumable": "1.0.0", "x-upsert": "true"}
BUSY = (408, 409, 423, 429)  # 409 and 423: another one sends to the same upload
MIME = "application/octet-stream"
PART = "application/offset+octet-stream"


class SupabaseStorage:
    def __init__(self, bucket: str, folder: str) -> None:
        self.moved = 0
        self._bucket = bucket
        self._folder = folder
        url, self._key = (os.environ.get(name, "").strip() for name in (URL, KEY))
        if not url.startswith(("https://", "http://")) or not self._key:
            raise UserError(
                f"supabase:// needs {URL} and {KEY}: Supabase shows both in its settings, API keys."
            )
        if self._key.startswith("sb_publishable_"):
            raise UserError(f"{KEY} is a publishable key: take the secret one, sb_secret_….")
        headers = {"apikey": self._key}
        if self._key.startswith(
            "eyJ"
        ):  # a service_role key; the gateway takes no other as a bearer
            headers["Authorization"] = f"Bearer {self._key}"
        self._client = httpx.Client(
            base_url=f"{url.rstrip('/')}/storage/v1", headers=headers, timeout=TIMEOUT
        )

    def require_access(self) -> None:
        with self._explained():
            answer = self._client.get(f"/bucket/{quote(self._bucket)}")
        if _status(answer) == 404:
            raise UserError(
                f"There is no bucket {self._bucket} at Supabase: create it there, a private one,"
                " or name another."
            )
        bucket = self._checked(answer).json()
        if (kinds := bucket.get("allowed_mime_types")) and MIME not in kinds and "*/*" not in kinds:
            raise UserError(
                f"The bucket {self._bucket} takes {', '.join(kinds)} only: allow {MIME} there,"
                " or name another."
            )

    def push(self, shipment: Shipment) -> str:
        """The manifest comes last, when all that it lists was read back and compared."""
        is_known = self._is_known(shipment)
        for name, file in shipment.files.items():
            path = f"{self._place}/{shipment.id}/{name}"
            if is_known and name == EVENTS:
                continue
            if self._is_there(path, file) and self._holds(path, file):
                continue
            self._send(path, file, shipment.notes)
            shipment.notes.unlink(missing_ok=True)  # of an upload that is over
            if not self._holds(path, file):
                raise BrokenOff(f"{name} at Supabase is not what was sent.")
        return f"supabase://{self._place}/{shipment.id}"

    def fetch(self, name: str, folder: Path) -> None:
        path = folder / name
        with self._read(f"{self._place}/{name}", rest_of(path)) as answer:
            if answer.status_code == 416:  # all of it is here
                return
            for size in append(answer, path):
                self.moved += size

    @property
    def _place(self) -> str:
        return f"{self._bucket}/{self._folder}".strip("/")

    def _is_known(self, shipment: Shipment) -> bool:
        """Whether its manifest is there, so that all of it once was.

        Raises:
            UserError: The folder has another artifact.
        """
        path = f"{self._place}/{shipment.id}"
        there = self._info(f"{path}/{MANIFEST}")
        if there is not None and there.get("sha256") != shipment.files[MANIFEST].sha256:
            raise UserError(f"supabase://{path} has another artifact: name another folder.")
        return there is not None

    def _info(self, path: str) -> dict[str, Any] | None:
        """Size and SHA-256 of an object as it was announced; none where there is no object."""
        with self._explained():
            answer = self._client.get(f"/object/info/{quote(path)}")
        if _status(answer) == 404:
            return None
        facts = self._checked(answer).json()
        return {"size": facts.get("size"), **(facts.get("metadata") or {})}

    def _is_there(self, path: str, file: File) -> bool:
        there = self._info(path)
        return there is not None and (there["size"], there.get("sha256")) == (
            file.size,
            file.sha256,
        )

    def _holds(self, path: str, file: File) -> bool:
        """Read back: Supabase tells no hash of what it stored."""
        digest = hashlib.sha256()
        try:
            with self._read(path, {"Cache-Control": "no-cache"}) as answer:
                for chunk in answer.iter_bytes():
                    digest.update(chunk)
        except Missing:
            return False
        return digest.hexdigest() == file.sha256

    @contextmanager
    def _read(self, path: str, headers: dict[str, str]) -> Iterator[httpx.Response]:
        url = f"/object/authenticated/{quote(path)}"
        with self._explained(), self._client.stream("GET", url, headers=headers) as answer:
            if answer.is_error and answer.status_code != 416:
                answer.read()
                if _status(answer) == 404:
                    raise Missing(f"There is no supabase://{path}.")
                self._checked(answer)
            yield answer

    def _send(self, path: str, file: File, notes: Path) -> None:
        upload, offset = self._find_upload(path, file, notes)
        with file.path.open("rb") as content:
            while offset < file.size:
                content.seek(offset)
                chunk = content.read(CHUNK)
                headers = {**TUS, "Upload-Offset": str(offset), "Content-Type": PART}
                with self._explained():
                    answer = self._client.patch(upload, content=chunk, headers=headers)
                self._checked(answer)
                self.moved += len(chunk)
                offset = int(answer.headers.get("Upload-Offset", offset + len(chunk)))

    def _find_upload(self, path: str, file: File, notes: Path) -> tuple[str, int]:
        """The upload that broke off, and how far it came; else a new one."""
        known = json.loads(notes.read_text("utf-8")) if notes.is_file() else {}
        if (known.get("path"), known.get("sha256")) == (path, file.sha256):
            with self._explained():
                answer = self._client.head(known["upload"], headers=TUS)
            if answer.is_success:  # Supabase forgets one after a day
                return known["upload"], int(answer.headers["Upload-Offset"])
        upload = self._create_upload(path, file)
        write_json(notes, {"path": path, "sha256": file.sha256, "upload": upload})
        return upload, 0

    def _create_upload(self, path: str, file: File) -> str:
        facts = {
            "bucketName": self._bucket,
            "objectName": path.removeprefix(f"{self._bucket}/"),
            "contentType": MIME,
            "cacheControl": "0",
            "metadata": json.dumps({"sha256": file.sha256}),
        }
        words = [f"{n} {base64.b64encode(v.encode()).decode()}" for n, v in facts.items()]
        headers = {**TUS, "Upload-Length": str(file.size), "Upload-Metadata": ",".join(words)}
        with self._explained():
            answer = self._client.post("/upload/resumable", headers=headers)
        # Its last part alone: whatever host it names, the key goes to ours only.
        return f"/upload/resumable/{self._checked(answer).headers['Location'].rpartition('/')[2]}"

    def _checked(self, answer: httpx.Response) -> httpx.Response:
        if answer.is_success:
            return answer
        status = _status(answer)
        if status >= 500 or status in BUSY:
            raise BrokenOff(f"Supabase answered with status {status}.")
        if status in (401, 403):
            raise DestinationError(
                f"Supabase refuses the key: is {KEY} the secret key of the project at {URL}?"
            )
        if status == 413:
            raise DestinationError(
                "A file is larger than Supabase takes: raise the limit of the bucket and of the"
                " project in its Storage settings; a free project has 50 MB."
            )
        said = " ".join(_said(answer).replace(self._key, "…").split()).rstrip(".")
        raise DestinationError(f"Supabase refuses with status {status} ({said}).")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except httpx.TransportError as error:
            raise BrokenOff(f"Supabase can't be reached ({type(error).__name__}).") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise DestinationError(f"{URL} leads nowhere ({type(error).__name__}).") from None


class Missing(DestinationError):
    pass


def environment() -> dict[str, str]:
    return {name: os.environ[name] for name in (URL, KEY) if name in os.environ}


def _status(answer: httpx.Response) -> int:
    """Much of it answers 400, with the real status in the body."""
    if answer.status_code == 400:
        try:
            return int(answer.json()["statusCode"])
        except (ValueError, KeyError, TypeError):
            pass
    return answer.status_code


def _said(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["message"])
    except (ValueError, KeyError, TypeError):
        return answer.text[:200]
