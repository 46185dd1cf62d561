"""Supabase Storage as a place for artifacts: a folder each in a bucket."""

import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import quote

from core.destinations import EVENTS, MANIFEST, BrokenOff, File, Shipment, append, rest_of
from core.errors import UserError
from core.supabase import NO_MORE, Missing, Supabase
from core.supabase_upload import MIME, Upload


class SupabaseStorage:
    def __init__(self, bucket: str, folder: str) -> None:
        self.moved = 0
        self._supabase = Supabase()
        self._bucket = bucket
        self._folder = folder

    def require_access(self) -> None:
        try:
            answer = self._supabase.ask("GET", f"/bucket/{quote(self._bucket)}")
        except Missing:
            raise UserError(
                f"There is no bucket {self._bucket} at Supabase: create it there, a private one,"
                " or name another."
            ) from None
        kinds = answer.json().get("allowed_mime_types")
        if kinds and MIME not in kinds and "*/*" not in kinds:
            raise UserError(
                f"The bucket {self._bucket} takes {', '.join(kinds)} only: allow {MIME} there,"
                " or name another."
            )

    def push(self, shipment: Shipment) -> str:
        """The manifest comes last, when all that it lists was read back and compared."""
        folder = f"{self._folder}/{shipment.id}".strip("/")
        is_known = self._is_known(shipment, folder)
        for name, file in shipment.files.items():
            path = f"{folder}/{name}"
            if is_known and name == EVENTS:
                continue
            if self._is_there(path, file) and self._holds(path, file):
                continue
            upload = Upload(self._supabase, (self._bucket, path), file, shipment.notes)
            for size in upload.send():
                self.moved += size
            if not self._holds(path, file):
                raise BrokenOff(f"{name} at Supabase is not what was sent.")
        return f"supabase://{self._bucket}/{folder}"

    def fetch(self, name: str, folder: Path) -> None:
        path = folder / name
        with self._supabase.read(self._url(f"{self._folder}/{name}"), rest_of(path)) as answer:
            if answer.status_code == NO_MORE:
                return
            for size in append(answer, path):
                self.moved += size

    def _url(self, path: str, of: str = "authenticated") -> str:
        return f"/object/{of}/{quote(self._bucket)}/{quote(path.strip('/'))}"

    def _is_known(self, shipment: Shipment, folder: str) -> bool:
        """Whether its manifest is there, so that all of it once was.

        Raises:
            UserError: The folder has another artifact.
        """
        there = self._info(f"{folder}/{MANIFEST}")
        if there and there.get("sha256") != shipment.files[MANIFEST].sha256:
            raise UserError(
                f"supabase://{self._bucket}/{folder} has another artifact: name another folder."
            )
        return bool(there)

    def _info(self, path: str) -> dict[str, Any]:
        """Size and SHA-256 of an object as they were announced; empty where there is no object."""
        try:
            facts = self._supabase.ask("GET", self._url(path, of="info")).json()
        except Missing:
            return {}
        return {"size": facts.get("size"), **(facts.get("metadata") or {})}

    def _is_there(self, path: str, file: File) -> bool:
        there = self._info(path)
        return (there.get("size"), there.get("sha256")) == (file.size, file.sha256)

    def _holds(self, path: str, file: File) -> bool:
        """Read back: Supabase tells no hash of what it stored."""
        digest = hashlib.sha256()
        try:
            with self._supabase.read(self._url(path), {"Cache-Control": "no-cache"}) as answer:
                for chunk in answer.iter_bytes():
                    digest.update(chunk)
        except Missing:
            return False
        return digest.hexdigest() == file.sha256
