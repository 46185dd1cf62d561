"""Supabase Storage: buckets, objects, and resumable uploads, which come in 6 MB and not at another offset."""

import base64
import json
import re
from typing import Any
from uuid import uuid4

from tests.destinations.server import Answer, FakeServer, Request

KEY = "sb_secret_canary"
CHUNK = 6 << 20
PREFIX = "/storage/v1"


class FakeSupabase(FakeServer):
    def __init__(self) -> None:
        super().__init__()
        self.chunk = CHUNK
        self.buckets: dict[str, dict[str, Any]] = {"models": {}}
        self.objects: dict[str, bytes] = {}
        self.facts: dict[str, dict[str, Any]] = {}
        self.uploads: dict[str, dict[str, Any]] = {}

    def answer(self, request: Request) -> Answer:
        assert request.path.startswith(PREFIX)
        if request.headers.get("apikey") != KEY:
            return Answer(401, {"message": "Invalid API key"})
        assert "authorization" not in request.headers  # the gateway takes no secret key there
        path = request.path.removeprefix(PREFIX)
        for method, pattern, act in (
            ("GET", "/bucket/([^/]+)", self._bucket),
            ("GET", "/object/info/(.+)", self._info),
            ("GET", "/object/authenticated/(.+)", self._read),
            ("POST", "/upload/resumable", self._create),
            ("HEAD", "/upload/resumable/([A-Za-z0-9_-]+)", self._offset),
            ("PATCH", "/upload/resumable/([A-Za-z0-9_-]+)", self._append),
        ):
            if method == request.method and (found := re.fullmatch(pattern, path)):
                return act(request, *found.groups())
        raise LookupError(f"{request.method} {request.path}")

    def _bucket(self, request: Request, name: str) -> Answer:
        if name not in self.buckets:
            return _missing("Bucket not found")
        return Answer(200, {"id": name, "name": name, "public": False, **self.buckets[name]})

    def _info(self, request: Request, path: str) -> Answer:
        if path not in self.objects:
            return _missing("Object not found")
        return Answer(200, {"size": len(self.objects[path]), "metadata": self.facts[path]})

    def _read(self, request: Request, path: str) -> Answer:
        if path not in self.objects:
            return _missing("Object not found")
        return self.content(request, self.objects[path])

    def _create(self, request: Request) -> Answer:
        assert request.headers["tus-resumable"] == "1.0.0"
        words = [word.split(" ") for word in request.headers["upload-metadata"].split(",")]
        facts = {name: base64.b64decode(value).decode() for name, value in words}
        bucket = self.buckets.get(facts["bucketName"])
        if bucket is None:
            return _missing("Bucket not found")
        size = int(request.headers["upload-length"])
        if size > bucket.get("file_size_limit", size):
            return Answer(413, b"Maximum size exceeded")
        path = f"{facts['bucketName']}/{facts['objectName']}"
        name = base64.urlsafe_b64encode(f"{path}/{uuid4()}".encode()).decode().rstrip("=")
        self.uploads[name] = {"path": path, "size": size, "content": b"", "facts": facts}
        # Behind a gateway it names a host that the client may not know.
        location = f"https://storage.internal/upload/resumable/{name}"
        return Answer(201, b"", (("Location", location),))

    def _offset(self, request: Request, name: str) -> Answer:
        if name not in self.uploads:
            return Answer(404)
        upload = self.uploads[name]
        told = (("Upload-Offset", str(len(upload["content"]))), ("Upload-Length", "0"))
        return Answer(200, b"", told)

    def _append(self, request: Request, name: str) -> Answer:
        if name not in self.uploads:
            return Answer(404)
        upload = self.uploads[name]
        content: bytes = upload["content"]
        assert request.headers["content-type"] == "application/offset+octet-stream"
        if int(request.headers["upload-offset"]) != len(content):
            return Answer(409, b"Upload-Offset conflict")
        size = int(request.headers["content-length"])
        assert size == min(self.chunk, upload["size"] - len(content)), size
        content += request.body
        upload["content"] = content
        if len(content) == upload["size"]:
            path = upload["path"]
            if path in self.objects and request.headers.get("x-upsert") != "true":
                return Answer(409, b"The resource already exists")
            self.objects[path] = content
            self.facts[path] = json.loads(upload["facts"]["metadata"])
        return Answer(204, b"", (("Upload-Offset", str(len(content))),))


def _missing(message: str) -> Answer:
    """The real status is in the body."""
    return Answer(400, {"statusCode": "404", "error": "not_found", "message": message})
