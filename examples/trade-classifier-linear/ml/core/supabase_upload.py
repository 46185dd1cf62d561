"""Uploads to Supabase Storage that go on where they broke off: TUS 1.0.0, in chunks.

https://supabase.com/docs/guides/storage/uploads/resumable-uploads
"""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

from core.destinations import File
from core.records import write_json
from core.supabase import Missing, Supabase

CHUNK = 6 << 20  # bytes; Supabase takes no other size, except for the last chunk
TUS = {"Tus-Resumable": "1.0.0", "x-upsert": "true"}
MIME = "application/octet-stream"


class Upload:
    """
    Args:
        place: Bucket and path of the object.
        notes: File that keeps the address of an upload for the next process.
    """

    def __init__(self, supabase: Supabase, place: tuple[str, str], file: File, notes: Path) -> None:
        self._supabase = supabase
        self._bucket, self._path = place
        self._file = file
        self._notes = notes

    def send(self) -> Iterator[int]:
        """Send what is not there; the size of each chunk, once it has arrived.

        Raises:
            BrokenOff: On the way.
        """
        address, offset = self._find() or (self._create(), 0)
        with self._file.path.open("rb") as content:
            while offset < self._file.size:
                content.seek(offset)
                chunk = content.read(CHUNK)
                told = {
                    "Upload-Offset": str(offset),
                    "Content-Type": "application/offset+octet-stream",
                }
                answer = self._supabase.ask("PATCH", address, TUS | told, chunk)
                offset = int(answer.headers.get("Upload-Offset", offset + len(chunk)))
                yield len(chunk)
        self._notes.unlink(missing_ok=True)

    def _find(self) -> tuple[str, int] | None:
        """The upload that broke off, and how many bytes of it are there; Supabase keeps it for a day."""
        if not self._notes.is_file():
            return None
        known = json.loads(self._notes.read_text("utf-8"))
        if known | self._facts() != known:
            return None
        try:
            answer = self._supabase.ask("HEAD", known["address"], TUS)
        except Missing:
            return None
        return known["address"], int(answer.headers["Upload-Offset"])

    def _create(self) -> str:
        facts = {
            "bucketName": self._bucket,
            "objectName": self._path,
            "contentType": MIME,
            "cacheControl": "0",
            "metadata": json.dumps({"sha256": self._file.sha256}),
        }
        words = [f"{n} {base64.b64encode(v.encode()).decode()}" for n, v in facts.items()]
        told = {"Upload-Length": str(self._file.size), "Upload-Metadata": ",".join(words)}
        answer = self._supabase.ask("POST", "/upload/resumable", TUS | told)
        # Its last part alone: whatever host it names, the key goes to ours only.
        address = f"/upload/resumable/{answer.headers['Location'].rpartition('/')[2]}"
        write_json(self._notes, self._facts() | {"address": address})
        return address

    def _facts(self) -> dict[str, str]:
        return {"bucket": self._bucket, "path": self._path, "sha256": self._file.sha256}
