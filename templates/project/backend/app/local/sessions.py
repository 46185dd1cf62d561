"""Accounts, sessions and refresh tokens: the schema `auth`, as Supabase keeps it."""

import secrets
from hashlib import sha256
from typing import Any, Literal, NamedTuple
from uuid import UUID

import asyncpg

from app.core.database import Connection

REUSE = 10  # seconds in which two tabs may use the same refresh token

Scope = Literal["local", "others", "global"]

ADD_USER = """
insert into auth.users
  (email, encrypted_password, raw_user_meta_data, email_confirmed_at)
values (lower($1), $2, $3, now())
on conflict (email) do nothing
returning *
"""
FIND_USER = "select * from auth.users where email = lower($1)"
SESSION_USER = """
select users.* from auth.users join auth.sessions on sessions.user_id = users.id
where sessions.id = $1
"""
CHANGE_USER = """
update auth.users
set email = coalesce(lower($2), email),
    encrypted_password = coalesce($3, encrypted_password),
    raw_user_meta_data = jsonb_strip_nulls(raw_user_meta_data || $4),
    updated_at = now()
where id = $1
returning *
"""
SIGN_IN = "update auth.users set last_sign_in_at = now() where id = $1 returning *"
ADD_SESSION = "insert into auth.sessions (user_id) values ($1) returning id"
ADD_TOKEN = """
insert into auth.refresh_tokens (token, user_id, session_id)
select $1, user_id, id from auth.sessions where id = $2
"""
USE_TOKEN = """
select session_id, revoked and updated_at < now() - make_interval(secs => $2) as is_stolen
from auth.refresh_tokens where token = $1 for update
"""
REVOKE = "update auth.refresh_tokens set revoked = true, updated_at = now() where token = $1"
END: dict[Scope, str] = {
    "local": "delete from auth.sessions where id = $1",
    "others": """
delete from auth.sessions
where id <> $1 and user_id = (select user_id from auth.sessions where id = $1)
""",
    "global": """
delete from auth.sessions
where user_id = (select user_id from auth.sessions where id = $1)
""",
}


class Session(NamedTuple):
    id: UUID
    user: asyncpg.Record
    refresh_token: str


class Sessions:
    """What can be done in one transaction of Supabase's own role for the schema."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add_user(
        self, email: str, password_hash: str, data: dict[str, Any]
    ) -> asyncpg.Record | None:
        """None if somebody has that address."""
        return await self._connection.fetchrow(ADD_USER, email, password_hash, data)

    async def find_user(self, email: str) -> asyncpg.Record | None:
        return await self._connection.fetchrow(FIND_USER, email)

    async def user_of(self, session: UUID) -> asyncpg.Record | None:
        """None once it has ended."""
        return await self._connection.fetchrow(SESSION_USER, session)

    async def change_user(
        self, user: UUID, email: str | None, password_hash: str | None, data: dict[str, Any]
    ) -> asyncpg.Record:
        """Raises `asyncpg.UniqueViolationError` if somebody else has that address."""
        row = await self._connection.fetchrow(CHANGE_USER, user, email, password_hash, data)
        assert row
        return row

    async def start(self, user_id: UUID) -> Session:
        user = await self._connection.fetchrow(SIGN_IN, user_id)
        session_id = await self._connection.fetchval(ADD_SESSION, user_id)
        assert user
        return Session(session_id, user, await self._issue(session_id))

    async def go_on(self, refresh_token: str) -> Session | Literal["unknown", "stolen"]:
        """A new token for the old one; the second use of an old one ends the session."""
        digest = _digest(refresh_token)
        used = await self._connection.fetchrow(USE_TOKEN, digest, REUSE)
        if used is None:
            return "unknown"
        if used["is_stolen"]:
            await self.end(used["session_id"], "local")
            return "stolen"
        await self._connection.execute(REVOKE, digest)
        user = await self.user_of(used["session_id"])
        assert user
        return Session(used["session_id"], user, await self._issue(used["session_id"]))

    async def end(self, session: UUID, scope: Scope) -> None:
        await self._connection.execute(END[scope], session)

    async def _issue(self, session: UUID) -> str:
        token = secrets.token_urlsafe(24)
        await self._connection.execute(ADD_TOKEN, _digest(token), session)
        return token


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
