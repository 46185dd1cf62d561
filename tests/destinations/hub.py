"""The Hugging Face Hub, as its own client sees it with HF_HUB_DISABLE_XET=1: LFS, commits, files."""

import base64
import hashlib
import json
import math
import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from tests.destinations.server import Answer, FakeServer, Request

OWNER, WRITES, READS = "ann", "hf_canary-writes", "hf_canary-reads"
LARGE = re.compile(r"\.(bin|onnx|safetensors|skops|npz|png)$")  # as .gitattributes says
PART = 1 << 16  # bytes of a part where a file is sent in parts
LONG = 3 * PART
TAGS = {  # of https://huggingface.co/models
    "image-classification",
    "sentence-similarity",
    "tabular-classification",
    "tabular-regression",
    "text-classification",
    "text-generation",
    "text-to-image",
    "time-series-forecasting",
}


CARD = {"base_model", "license", "pipeline_tag", "tags"}


@dataclass
class Repository:
    is_private: bool
    commits: list[dict[str, bytes]] = field(default_factory=lambda: [{}])

    @property
    def head(self) -> str:
        return _commit(len(self.commits) - 1)

    def at(self, revision: str) -> dict[str, bytes] | None:
        named = {_commit(number): files for number, files in enumerate(self.commits)}
        return {"main": self.commits[-1], **named}.get(revision)


class FakeHub(FakeServer):
    def __init__(self) -> None:
        super().__init__()
        self.repositories: dict[str, Repository] = {}
        self.objects: dict[str, bytes] = {}
        self._parts: dict[tuple[str, int], bytes] = {}

    def files(self, repository: str) -> dict[str, bytes]:
        return self.repositories[repository].commits[-1]

    def answer(self, request: Request) -> Answer:
        for method, path, act in (
            ("POST", "/api/repos/create", self._create),
            ("POST", "/api/validate-yaml", self._validate),
            ("GET", "/api/models/([^/]+/[^/]+)/auth-check/write", self._check),
            ("GET", "/api/models/([^/]+/[^/]+)(?:/revision/([^/]+))?", self._tell),
            ("GET", "/api/models/([^/]+/[^/]+)/tree/([^/]+)", self._list),
            ("POST", "/api/models/([^/]+/[^/]+)/preupload/main", self._choose),
            ("POST", "/api/models/([^/]+/[^/]+)/commit/main", self._add_commit),
            ("POST", r"/([^/]+/[^/]+)\.git/info/lfs/objects/batch", self._batch),
            ("PUT", "/lfs/([0-9a-f]{64})", self._store),
            ("PUT", "/lfs/([0-9a-f]{64})/([0-9]+)", self._store_part),
            ("POST", "/lfs/([0-9a-f]{64})/complete", self._join),
            ("GET", "/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", self._read),
            ("HEAD", "/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", self._read),
            ("GET", "/cdn/([0-9a-f]{64})", self._read_object),
        ):
            if method == request.method and (found := re.fullmatch(path, request.path)):
                return act(request, *found.groups())
        if request.path == "/api/agent-harnesses":  # the client's own curiosity
            return Answer(404, {})
        raise LookupError(f"{request.method} {request.path}")

    def _create(self, request: Request) -> Answer:
        asked = request.json
        name = f"{asked['organization']}/{asked['name']}"
        if request.bearer not in (WRITES, READS):
            return Answer(401, {"error": "Invalid credentials"})
        if request.bearer == READS or asked["organization"] != OWNER:
            return Answer(403, {"error": "You don't have the rights to create it"})
        if name in self.repositories:
            url = f"{self.url}/{name}"
            return Answer(409, {"error": "You already created this model repo", "url": url})
        self.repositories[name] = Repository(asked["visibility"] == "private")
        return Answer(200, {"url": f"{self.url}/{name}"})

    def _allow(self, request: Request, name: str, *, writes: bool = False) -> Answer | None:
        """Why not."""
        if request.bearer not in (WRITES, READS):
            return Answer(401, {"error": "Invalid credentials"})
        if name not in self.repositories:
            return _refused(404, "RepoNotFound", "Repository not found")
        if writes and (request.bearer != WRITES or not name.startswith(f"{OWNER}/")):
            return Answer(403, {"error": "Forbidden: pass a token with the right permissions"})
        return None

    def _check(self, request: Request, name: str) -> Answer:
        return self._allow(request, name, writes=True) or Answer(200, {"ok": True})

    def _tell(self, request: Request, name: str, revision: str | None) -> Answer:
        if no := self._allow(request, name):
            return no
        repository = self.repositories[name]
        if repository.at(revision or "main") is None:
            return _refused(404, "RevisionNotFound", "Invalid rev id")
        sha = repository.head if revision in (None, "main") else revision
        private = repository.is_private
        return Answer(200, {"id": name, "modelId": name, "sha": sha, "private": private})

    def _list(self, request: Request, name: str, revision: str) -> Answer:
        if no := self._allow(request, name):
            return no
        files = self.repositories[name].at(revision)
        assert files is not None, revision
        return Answer(200, [self._entry(path, content) for path, content in files.items()])

    def _entry(self, path: str, content: bytes) -> dict[str, Any]:
        entry = {"type": "file", "path": path, "size": len(content), "oid": _blob(content)}
        if digest := self._is_large(path, content):
            entry |= {"lfs": {"oid": digest, "size": len(content), "pointerSize": 130}}
        return entry

    def _is_large(self, path: str, content: bytes) -> str:
        digest = hashlib.sha256(content).hexdigest()
        return digest if digest in self.objects and LARGE.search(path) else ""

    def _choose(self, request: Request, name: str) -> Answer:
        if no := self._allow(request, name, writes=True):
            return no
        return Answer(
            200,
            {
                "files": [
                    {
                        "path": file["path"],
                        "uploadMode": "lfs" if LARGE.search(file["path"]) else "regular",
                        "shouldIgnore": False,
                        "oid": None,
                    }
                    for file in request.json["files"]
                ]
            },
        )

    def _batch(self, request: Request, name: str) -> Answer:
        if no := self._allow(request, name, writes=True):
            return no
        assert request.json["operation"] == "upload"
        return Answer(200, {"objects": [self._offer(item) for item in request.json["objects"]]})

    def _offer(self, item: dict[str, Any]) -> dict[str, Any]:
        digest, size = item["oid"], item["size"]
        if digest in self.objects:
            return item
        url = f"{self.url}/lfs/{digest}"
        if size <= LONG:
            return {**item, "actions": {"upload": {"href": url}}}
        parts = {str(n + 1): f"{url}/{n + 1}" for n in range(math.ceil(size / PART))}
        header = {"chunk_size": str(PART), **parts}
        return {**item, "actions": {"upload": {"href": f"{url}/complete", "header": header}}}

    def _store(self, request: Request, digest: str) -> Answer:
        if not request.is_whole:
            return Answer()
        if hashlib.sha256(request.body).hexdigest() != digest:
            return Answer(400, b"BadDigest")
        self.objects[digest] = request.body
        return Answer()

    def _store_part(self, request: Request, digest: str, number: str) -> Answer:
        if request.is_whole:
            self._parts[digest, int(number)] = request.body
        return Answer(headers=(("ETag", hashlib.md5(request.body).hexdigest()),))

    def _join(self, request: Request, digest: str) -> Answer:
        numbers = [part["partNumber"] for part in request.json["parts"]]
        content = b"".join(self._parts[digest, number] for number in numbers)
        if hashlib.sha256(content).hexdigest() != digest:
            return Answer(422, {"error": "the parts are not the file"})
        self.objects[digest] = content
        return Answer(200, {})

    def _validate(self, request: Request) -> Answer:
        errors = [{"message": error} for error in card_errors(request.json["content"])]
        return Answer(400 if errors else 200, {"errors": errors, "warnings": []})

    def _add_commit(self, request: Request, name: str) -> Answer:
        if no := self._allow(request, name, writes=True):
            return no
        repository = self.repositories[name]
        files = dict(repository.commits[-1])
        for line in request.body.splitlines():
            item = json.loads(line)
            value = item["value"]
            if item["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"], validate=True)
            elif item["key"] == "lfsFile":
                files[value["path"]] = self.objects[value["oid"]]
            elif item["key"] == "deletedFile":
                del files[value["path"]]
            else:
                assert item["key"] == "header", item
        repository.commits.append(files)
        url = f"{self.url}/{name}/commit/{repository.head}"
        return Answer(200, {"commitUrl": url, "commitOid": repository.head, "success": True})

    def _read(self, request: Request, name: str, revision: str, path: str) -> Answer:
        if no := self._allow(request, name):
            return no
        repository = self.repositories[name]
        files = repository.at(revision)
        if files is None or path not in files:
            return _refused(404, "EntryNotFound", "Entry not found")
        content = files[path]
        commit = repository.head if revision == "main" else revision
        told = {"X-Repo-Commit": commit, "ETag": f'"{_blob(content)}"'}
        if digest := self._is_large(path, content):
            url = f"{self.url}/cdn/{digest}"
            linked = {"X-Linked-Size": str(len(content)), "X-Linked-ETag": f'"{digest}"'}
            return Answer(302, b"", tuple({**told, **linked, "Location": url}.items()))
        return self.content(request, content, **told)

    def _read_object(self, request: Request, digest: str) -> Answer:
        return self.content(request, self.objects[digest])


def card_errors(content: str) -> list[str]:
    """What is wrong with that which a model card says of itself to programs."""
    found = re.match(r"---\n(.*?)\n---\n", content, re.DOTALL)
    facts = yaml.safe_load(found[1]) if found else None
    if not isinstance(facts, dict):
        return ["no front matter"]
    tags, base = facts.get("tags", []), facts.get("base_model", "owner/name")
    errors = {
        f"unknown: {facts.keys() - CARD}": facts.keys() <= CARD,
        '"pipeline_tag" is none of the Hub\'s': facts.get("pipeline_tag") in {None, *TAGS},
        '"tags" has to be a list of texts': all(isinstance(tag, str) for tag in tags),
        '"base_model" has to be a name': re.fullmatch(r"[\w.-]+/[\w.-]+", base) is not None,
    }
    return [error for error, is_right in errors.items() if not is_right]


def _refused(status: int, code: str, message: str) -> Answer:
    return Answer(
        status, {"error": message}, (("X-Error-Code", code), ("X-Error-Message", message))
    )


def _blob(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def _commit(number: int) -> str:
    return hashlib.sha1(b"commit %d" % number).hexdigest()
