"""What supabase-js sends to the sign-in and what it gets back, errors included."""

import re
import time
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any

import asyncpg
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field

from app.core.auth import AUDIENCE, ROLE
from app.local.sessions import Session
from app.local.signing_key import SigningKey

LIFETIME = 3600  # seconds of an access token
EMAIL = re.compile(r"[^@\s\x00]{1,64}@[^@\s\x00]+\.[^@\s\x00]+")
SHORTEST = 8  # characters of a password


class AuthError(Exception):
    """An error in the shape that supabase-js understands."""

    def __init__(self, status: int, code: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self._status = status
        self._body = {"code": status, "error_code": code, "msg": message, **more}

    def response(self) -> JSONResponse:
        return JSONResponse(self._body, self._status)


class AuthRoute(APIRoute):
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except AuthError as error:
                return error.response()
            except RequestValidationError as error:
                first = error.errors()[0]
                place = ".".join(str(part) for part in first["loc"][1:])
                return AuthError(400, "validation_failed", f"{place}: {first['msg']}").response()
            except asyncpg.DataError as error:  # a null character
                return AuthError(400, "validation_failed", str(error)).response()

        return answer


class Grant(BaseModel):
    """A refresh needs its token alone, everything else email and password."""

    email: str = Field("", max_length=255)
    password: str = Field("", max_length=256)
    refresh_token: str = Field("", max_length=256)
    data: dict[str, Any] | None = None
    """What users say about themselves at the sign-up."""


class Change(BaseModel):
    email: str | None = Field(None, max_length=255)
    password: str | None = Field(None, max_length=256)
    data: dict[str, Any] | None = None


def check_email(email: str) -> None:
    if not EMAIL.fullmatch(email):
        raise AuthError(400, "email_address_invalid", f"'{email}' is not an email address.")


def check_password(password: str) -> None:
    if len(password) < SHORTEST:
        message = f"Password should be at least {SHORTEST} characters."
        raise AuthError(422, "weak_password", message, weak_password={"reasons": ["length"]})


def present_session(session: Session, key: SigningKey, issuer: str) -> dict[str, Any]:
    now = int(time.time())
    return {
        "access_token": key.sign(_claims(session, issuer, now)),
        "token_type": "bearer",
        "expires_in": LIFETIME,
        "expires_at": now + LIFETIME,
        "refresh_token": session.refresh_token,
        "user": present_user(session.user),
    }


def present_user(user: asyncpg.Record) -> dict[str, Any]:
    return {
        "id": str(user["id"]),
        "aud": AUDIENCE,
        "role": ROLE,
        "email": user["email"],
        "phone": "",
        "email_confirmed_at": _iso(user["email_confirmed_at"]),
        "confirmed_at": _iso(user["email_confirmed_at"]),
        "last_sign_in_at": _iso(user["last_sign_in_at"]),
        "app_metadata": user["raw_app_meta_data"],
        "user_metadata": user["raw_user_meta_data"],
        "identities": [],
        "created_at": _iso(user["created_at"]),
        "updated_at": _iso(user["updated_at"]),
        "is_anonymous": False,
    }


def _claims(session: Session, issuer: str, now: int) -> dict[str, Any]:
    user = session.user
    return {
        "iss": issuer,
        "sub": str(user["id"]),
        "aud": AUDIENCE,
        "role": ROLE,
        "exp": now + LIFETIME,
        "iat": now,
        "email": user["email"],
        "phone": "",
        "app_metadata": user["raw_app_meta_data"],
        "user_metadata": user["raw_user_meta_data"],
        "aal": "aal1",
        "amr": [{"method": "password", "timestamp": int(user["last_sign_in_at"].timestamp())}],
        "session_id": str(session.id),
        "is_anonymous": False,
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
