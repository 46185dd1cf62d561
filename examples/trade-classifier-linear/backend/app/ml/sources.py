"""Where the rows of a data set version come from, and what is made of them before they are kept."""

import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from starlette.requests import Request

from app.core.auth import User
from app.core.database import Database
from app.core.downloads import Downloader
from app.core.multipart import open_upload
from app.core.problems import Fault, Problem, invalid
from app.core.staging import Staged
from app.core.storage import Storage
from app.ml.rows import TableError
from app.ml.tables import suffix_of
from app.ml.user_tables import read_table

MAX_ROWS = 1_000_000
MAX_BODY = 64 * 1024  # bytes of JSON
NAME = StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]+$")
HUB_NAME = r"^[\w.-]+/[\w.-]+(:[\w.-]+){0,2}$"  # owner/name[[:configuration]:split]


class Source(BaseModel):
    model_config = ConfigDict(extra="forbid")


class UrlSource(Source):
    url: str = Field(
        min_length=1,
        max_length=2000,
        description="Of a public file, read once by this server.",
        examples=["https://example.com/statements.csv"],
    )


class TableSource(Source):
    table: Annotated[str, NAME] = Field(
        description="Table or view of the schema public that you may read.", examples=["statements"]
    )
    columns: list[Annotated[str, NAME]] = Field(
        default=[], max_length=100, description="All that you may read, if left out."
    )
    limit: int = Field(default=100_000, ge=1, le=MAX_ROWS, description="Rows at the most.")


class HubSource(Source):
    hub: str = Field(
        max_length=200,
        pattern=HUB_NAME,
        description="Data set on Hugging Face, as owner/name[[:configuration]:split]; "
        "only its name is kept, and the training reads it.",
        examples=["stanfordnlp/imdb:test"],
    )


class CorrectionsSource(Source):
    corrections_of: str = Field(
        max_length=63,
        description="Model whose corrections are added to the newest version of this data set.",
        examples=["trades"],
    )


AnySource = UrlSource | TableSource | HubSource | CorrectionsSource
SOURCES: dict[str, type[AnySource]] = {
    "url": UrlSource,
    "table": TableSource,
    "hub": HubSource,
    "corrections_of": CorrectionsSource,
}
FORM = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {
            "type": "string",
            "format": "binary",
            "description": "CSV, TSV, JSON, JSONL or Parquet.",
        }
    },
}
REQUEST_BODY = {
    "required": True,
    "content": {
        "multipart/form-data": {"schema": FORM},
        "application/json": {
            "schema": {"oneOf": [source.model_json_schema() for source in SOURCES.values()]}
        },
    },
}


class Arrival(NamedTuple):
    """A file that came in, and what to call its origin."""

    kind: str
    name: str
    suffix: str
    staged: Staged


class Reader(NamedTuple):
    """Reads files from wherever they are, up to a size."""

    database: Database
    storage: Storage
    downloader: Downloader
    limit: int  # bytes

    @asynccontextmanager
    async def upload(self, request: Request) -> AsyncIterator[Arrival]:
        upload = await open_upload(request)
        suffix = checked_suffix(upload.name)
        async with self._stage(upload.chunks) as staged:
            yield Arrival("upload", upload.name, suffix, staged)

    @asynccontextmanager
    async def url(self, source: UrlSource) -> AsyncIterator[Arrival]:
        name = source.url.partition("?")[0]  # what follows may be a secret
        async with self.downloader.open(source.url, self.limit) as download:
            suffix = download.suffix or checked_suffix(name)
            async with self._stage(download.chunks) as staged:
                yield Arrival("url", name, suffix, staged)

    @asynccontextmanager
    async def table(self, source: TableSource, user: User) -> AsyncIterator[Arrival]:
        lines = read_table(self.database, user, source.table, source.columns, source.limit)
        async with self._stage(lines) as staged:
            yield Arrival("table", source.table, ".jsonl", staged)

    def _stage(self, chunks: AsyncIterator[bytes]) -> AbstractAsyncContextManager[Staged]:
        return self.storage.stage(chunks, self.limit)


async def read_source(request: Request) -> AnySource:
    """The JSON body, which names one source."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise Problem(413, f"The body is larger than {MAX_BODY:,} bytes.")
    try:
        content: Any = json.loads(body)
    except (ValueError, RecursionError):
        raise Problem(400, "The body is not JSON.") from None
    given = [name for name in SOURCES if isinstance(content, dict) and name in content]
    if len(given) != 1:
        raise invalid(Fault(message=f"Give one of {', '.join(SOURCES)}, or a form with a file"))
    try:
        return SOURCES[given[0]].model_validate(content)
    except ValidationError as error:
        found = error.errors()
        faults = [Fault(field=".".join(map(str, e["loc"])), message=e["msg"]) for e in found]
        raise invalid(*faults) from None


def checked_suffix(name: str) -> str:
    """The suffix of a file's name."""
    try:
        return suffix_of(name)
    except TableError as error:
        raise unreadable(name, error) from None


def unreadable(name: str, error: TableError) -> Problem:
    """Each broken row of the file is named."""
    more = f" ({error.count - 1:,} more)" if error.count > 1 else ""
    faults = [
        Fault(field=f"row {problem.number}" if problem.number else "file", message=problem.message)
        for problem in error.problems
    ]
    return Problem(422, f"{name}: {error.problems[0]}{more}", faults)
