"""Pages by key: a list may grow while it is read, and no page repeats or skips a row."""

import base64
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Generic, NamedTuple, TypeVar
from uuid import UUID

import asyncpg
from fastapi import Depends, Query
from pydantic import BaseModel, Field

from app.core.problems import Fault, invalid

Item = TypeVar("Item")


class Page(BaseModel, Generic[Item]):
    items: list[Item]
    next_cursor: str | None = Field(description="Send it as `cursor` to go on; null at the end.")


class Key(NamedTuple):
    """Where a page ends: newest first, by `(created_at, id)`."""

    created_at: datetime
    id: UUID


NEWEST = Key(datetime(9999, 1, 1, tzinfo=UTC), UUID(int=2**128 - 1))


class Paging(NamedTuple):
    """Use `where (created_at, id) < (after.created_at, after.id)`, and `limit` of `fetch`."""

    limit: int
    after: Key

    @property
    def fetch(self) -> int:
        """One more than is shown, to know whether there is a next page."""
        return self.limit + 1

    def page(
        self, rows: Sequence[asyncpg.Record], present: Callable[[asyncpg.Record], Item]
    ) -> Page[Item]:
        shown = rows[: self.limit]
        has_more = len(rows) > self.limit
        cursor = _encode(Key(shown[-1]["created_at"], shown[-1]["id"])) if has_more else None
        return Page(items=[present(row) for row in shown], next_cursor=cursor)


async def _paging(
    limit: Annotated[int, Query(ge=1, le=100, description="Items on a page.")] = 20,
    cursor: Annotated[
        str | None, Query(max_length=200, description="`next_cursor` of the page before.")
    ] = None,
) -> Paging:
    return Paging(limit, _decode(cursor) if cursor else NEWEST)


Pages = Annotated[Paging, Depends(_paging)]


def _encode(key: Key) -> str:
    text = json.dumps([key.created_at.isoformat(), key.id.hex])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decode(cursor: str) -> Key:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        moment, row_id = json.loads(base64.urlsafe_b64decode(padded))
        key = Key(datetime.fromisoformat(moment), UUID(row_id))
    except (ValueError, TypeError, AttributeError):
        message = "It is not a cursor of this list; leave it out to start at the first page"
        raise invalid(Fault(location="query", field="cursor", message=message)) from None
    return key if key.created_at.tzinfo else Key(key.created_at.replace(tzinfo=UTC), key.id)
