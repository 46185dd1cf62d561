"""Data set versions: a row in the database, a file and a preview in the storage."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import asyncpg

from app.core.auth import User
from app.core.database import Connection, Database
from app.core.problems import not_found
from app.core.storage import Missing, Storage, dataset_path, preview_path
from app.ml.rows import TableError
from app.ml.sources import Arrival, unreadable
from app.ml.tables import Inspection, Preview, inspect

LOCK = "select id from ml_datasets where id = $1 and owner_id = $2 for update"
INSERT = """
insert into ml_dataset_versions
  (id, owner_id, dataset_id, number, source, source_name, suffix, sha256, bytes, row_count, columns)
select $1, $2, $3, coalesce(max(number), 0) + 1, $4, $5, $6, $7, $8, $9, $10
from ml_dataset_versions where dataset_id = $3
returning *
"""
FIND = "select * from ml_dataset_versions where dataset_id = $1 and number = $2"
NEWEST = """
select * from ml_dataset_versions where dataset_id = $1 and owner_id = $2
order by number desc limit 1
"""


@dataclass(frozen=True)
class NewVersion:
    source: str
    source_name: str
    suffix: str = ""
    sha256: str | None = None
    bytes: int | None = None
    row_count: int | None = None
    columns: dict[str, str] = field(default_factory=dict)
    id: UUID = field(default_factory=uuid4)


async def insert(
    connection: Connection, owner: UUID, dataset: UUID, new: NewVersion
) -> asyncpg.Record:
    """Number the version and keep its row.

    Args:
        connection: Of `database.as_service()`.

    Raises:
        Problem: The owner has no such data set.
    """
    if await connection.fetchval(LOCK, dataset, owner) is None:
        raise not_found(f"data set {dataset}")
    row = await connection.fetchrow(
        INSERT,
        new.id,
        owner,
        dataset,
        new.source,
        new.source_name,
        new.suffix,
        new.sha256,
        new.bytes,
        new.row_count,
        new.columns,
    )
    assert row
    return row


@asynccontextmanager
async def kept_files(
    storage: Storage, owner: UUID, arrival: Arrival, columns: dict[str, str] | None = None
) -> AsyncIterator[NewVersion]:
    """Keep the file and its preview; they are deleted again if the block fails.

    Raises:
        Problem: The file is no table, or there is no room for it.
    """
    found = await inspected(arrival)
    staged = arrival.staged
    new = NewVersion(
        arrival.kind,
        arrival.name,
        arrival.suffix,
        staged.sha256,
        staged.size,
        found.row_count,
        columns or {},
    )
    try:
        await storage.keep(staged, dataset_path(owner, new.id, new.suffix))
        await storage.put(preview_path(owner, new.id), _once(found.preview))
        yield new
    except BaseException:
        await delete_files(storage, owner, new.id, new.suffix)
        raise


async def inspected(arrival: Arrival) -> Inspection:
    """What is in the file.

    Raises:
        Problem: It is no table, or rows of it are broken.
    """
    try:
        return await asyncio.to_thread(inspect, arrival.staged.path, arrival.suffix)
    except TableError as error:
        raise unreadable(arrival.name, error) from None


async def check_dataset(database: Database, user: User, dataset: UUID) -> None:
    async with database.as_user(user) as connection:
        found = await connection.fetchval("select id from ml_datasets where id = $1", dataset)
    if found is None:
        raise not_found(f"data set {dataset}")


async def find(database: Database, user: User, dataset: UUID, number: int) -> asyncpg.Record:
    """The row of a version.

    Raises:
        Problem: The user has no such version.
    """
    async with database.as_user(user) as connection:
        row = await connection.fetchrow(FIND, dataset, number)
    if row is None:
        raise not_found(f"version {number} of the data set {dataset}")
    return row


async def read_preview(storage: Storage, owner: UUID, version: UUID) -> Preview | None:
    """What a page shows of a version; nothing where only a name is kept."""
    try:
        chunks = await storage.read(preview_path(owner, version))
    except Missing:
        return None
    return Preview.model_validate_json(b"".join([chunk async for chunk in chunks]))


async def delete_files(storage: Storage, owner: UUID, version: UUID, suffix: str) -> None:
    """What the storage holds of a version."""
    await storage.delete(dataset_path(owner, version, suffix))
    await storage.delete(preview_path(owner, version))


async def _once(preview: Preview) -> AsyncIterator[bytes]:
    yield preview.model_dump_json().encode()
