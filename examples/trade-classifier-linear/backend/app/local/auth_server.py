"""Sign-in on this machine, in the protocol of Supabase Auth: its own clients need not know."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.security import HTTPAuthorizationCredentials

from app.core.auth import Tokens, bearer
from app.core.problems import Problem
from app.local.auth_protocol import (
    AuthError,
    AuthRoute,
    Change,
    Grant,
    check_email,
    check_password,
    present_user,
)
from app.local.sessions import Scope, Sessions
from app.local.sign_in import SignIn


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.sign_in = SignIn(app)
    yield


async def _shared(request: Request) -> SignIn:
    sign_in: SignIn = request.app.state.sign_in
    return sign_in


Shared = Annotated[SignIn, Depends(_shared)]


async def _session(
    request: Request,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
) -> UUID:
    """Of the token; whether it has ended is for the database to say."""
    if credentials is None:
        raise AuthError(401, "no_authorization", "This endpoint requires a valid Bearer token")
    tokens: Tokens = request.app.state.tokens
    try:
        user = await tokens.user(credentials.credentials)
        return UUID(user.claims["session_id"])
    except (Problem, KeyError, ValueError) as error:
        raise AuthError(403, "bad_jwt", "invalid JWT: sign in again") from error


CurrentSession = Annotated[UUID, Depends(_session)]
router = APIRouter(prefix="/auth/v1", tags=["sign-in"], route_class=AuthRoute, lifespan=_lifespan)


@router.get("/.well-known/jwks.json")
async def get_keys(sign_in: Shared) -> dict[str, Any]:
    return {"keys": [sign_in.key.public]}


@router.get("/health")
async def get_health() -> dict[str, str]:
    return {"name": "local", "description": "Sign-in on this machine"}


@router.get("/settings")
async def get_settings() -> dict[str, Any]:
    return {"external": {"email": True}, "disable_signup": False, "mailer_autoconfirm": True}


@router.post("/signup")
async def sign_up(grant: Grant, sign_in: Shared) -> dict[str, Any]:
    if not grant.email:
        raise AuthError(422, "anonymous_provider_disabled", "Anonymous sign-ins are disabled")
    check_email(grant.email)
    check_password(grant.password)
    password_hash = await sign_in.hash(grant.password)
    async with sign_in.sessions() as sessions:
        user = await sessions.add_user(grant.email, password_hash, grant.data or {})
        if user is None:
            raise AuthError(422, "user_already_exists", "User already registered")
        return sign_in.present(await sessions.start(user["id"]))


@router.post("/token")
async def get_token(
    grant_type: str, grant: Grant, sign_in: Shared, request: Request
) -> dict[str, Any]:
    if grant_type == "refresh_token":
        return await sign_in.by_refresh_token(grant.refresh_token)
    if grant_type != "password":
        raise AuthError(400, "validation_failed", "unsupported_grant_type")
    address = request.client.host if request.client else ""
    return await sign_in.by_password(grant, address)


@router.get("/user")
async def get_user(session: CurrentSession, sign_in: Shared) -> dict[str, Any]:
    async with sign_in.sessions() as sessions:
        return present_user(await _user_of(session, sessions))


@router.put("/user")
async def change_user(change: Change, session: CurrentSession, sign_in: Shared) -> dict[str, Any]:
    if change.email is not None:
        check_email(change.email)
    if change.password is not None:
        check_password(change.password)
    password_hash = None if change.password is None else await sign_in.hash(change.password)
    async with sign_in.sessions() as sessions:
        user = await _user_of(session, sessions)
        try:
            changed = await sessions.change_user(
                user["id"], change.email, password_hash, change.data or {}
            )
        except asyncpg.UniqueViolationError as error:
            message = "A user with this email address has already been registered"
            raise AuthError(422, "email_exists", message) from error
        if change.password is not None:
            await sessions.end(session, "others")
        return present_user(changed)


@router.post("/logout", status_code=204)
async def sign_out(session: CurrentSession, sign_in: Shared, scope: Scope = "global") -> Response:
    async with sign_in.sessions() as sessions:
        await _user_of(session, sessions)
        await sessions.end(session, scope)
    return Response(status_code=204)


async def _user_of(session: UUID, sessions: Sessions) -> asyncpg.Record:
    user = await sessions.user_of(session)
    if user is None:
        message = "Session from session_id claim in JWT does not exist"
        raise AuthError(403, "session_not_found", message)
    return user
