"""Who may come in, on this machine: by password, or by the refresh token of a session."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI

from app.core.database import Database
from app.local.attempts import Attempts
from app.local.auth_protocol import AuthError, Grant, present_session
from app.local.passwords import hash_password, is_password
from app.local.sessions import Session, Sessions
from app.local.signing_key import SigningKey

ROLE = "supabase_auth_admin"  # owns the schema `auth`
HASHES_AT_ONCE = 2  # each takes 16 MiB


class SignIn:
    """One for the whole application."""

    def __init__(self, app: FastAPI) -> None:
        self._database: Database = app.state.database
        self.key = SigningKey.of(app.state.settings.ml_data_dir)
        self.issuer: str = app.state.settings.auth_url
        self.attempts = Attempts()
        self._hashing = asyncio.Semaphore(HASHES_AT_ONCE)

    @asynccontextmanager
    async def sessions(self) -> AsyncIterator[Sessions]:
        async with self._database.as_role(ROLE, {}) as connection:
            yield Sessions(connection)

    async def hash(self, password: str) -> str:
        async with self._hashing:
            return await asyncio.to_thread(hash_password, password)

    async def is_password(self, password: str, stored: str | None) -> bool:
        async with self._hashing:
            return await asyncio.to_thread(is_password, password, stored)

    def present(self, session: Session) -> dict[str, Any]:
        return present_session(session, self.key, self.issuer)

    async def by_password(self, grant: Grant, address: str) -> dict[str, Any]:
        keys = address, grant.email.lower()
        if not await self.attempts.are_left(*keys):
            raise AuthError(429, "over_request_rate_limit", "Too many attempts: wait five minutes")
        async with self.sessions() as sessions:
            user = await sessions.find_user(grant.email)
        stored: str | None = user["encrypted_password"] if user else None
        if not await self.is_password(grant.password, stored) or user is None:
            await self.attempts.count_failure(*keys)
            raise AuthError(400, "invalid_credentials", "Invalid login credentials")
        async with self.sessions() as sessions:
            return self.present(await sessions.start(user["id"]))

    async def by_refresh_token(self, token: str) -> dict[str, Any]:
        async with self.sessions() as sessions:
            session = await sessions.go_on(token)
        if session == "unknown":
            message = "Invalid Refresh Token: Refresh Token Not Found"
            raise AuthError(400, "refresh_token_not_found", message)
        if session == "stolen":
            message = "Invalid Refresh Token: Already Used"
            raise AuthError(400, "refresh_token_already_used", message)
        return self.present(session)
