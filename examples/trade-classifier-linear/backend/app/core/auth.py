"""Who asks: Supabase's tokens, checked against its keys or against those of the local sign-in."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Annotated, Any
from uuid import UUID

import httpx
import jwt
import structlog
from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import HTTPConnection
from structlog.contextvars import bind_contextvars

from app.core.limits import RateLimiter
from app.core.problems import Problem, not_available
from app.core.settings import Settings

log = structlog.get_logger(__name__)

AUDIENCE = "authenticated"
ROLE = "authenticated"
REQUIRED = ["aud", "exp", "iss", "role", "sub"]
LEEWAY = 5  # seconds that clocks may differ
KEYS_LIVE = 600  # seconds; a key that Supabase has withdrawn is refused after them
FETCH_FLOOR = 10  # seconds between two fetches, whatever the tokens say
CACHED_TOKENS = 10_000

Fetch = Callable[[], Awaitable[dict[str, Any]]]


@dataclass(frozen=True)
class User:
    id: UUID
    email: str | None = None
    claims: dict[str, Any] = field(default_factory=dict, repr=False)


class Keys:
    """Public keys by id, fetched again when they are old or one is missing."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._keys: dict[str, jwt.PyJWK] | None = None
        self._asked_at = -float("inf")
        self._lock = asyncio.Lock()

    async def get(self, kid: str) -> jwt.PyJWK | None:
        if self._is_due(kid):
            async with self._lock:
                if self._is_due(kid):
                    await self._renew()
        if self._keys is None:
            raise not_available("The keys of the sign-in cannot be fetched.", FETCH_FLOOR)
        return self._keys.get(kid)

    def _is_due(self, kid: str) -> bool:
        is_known = self._keys is not None and kid in self._keys
        return time.monotonic() - self._asked_at > (KEYS_LIVE if is_known else FETCH_FLOOR)

    async def _renew(self) -> None:
        try:
            found = (await self._fetch())["keys"]
            ours = [key for key in found if key.get("crv") == "P-256" and "kid" in key]
            self._keys = {key["kid"]: jwt.PyJWK(key, "ES256") for key in ours}
        except (httpx.HTTPError, jwt.PyJWTError, KeyError, ValueError) as error:
            log.warning("keys not fetched", error=repr(error))
        finally:
            self._asked_at = time.monotonic()


class Tokens:
    """Turns tokens into users."""

    def __init__(self, issuer: str, keys: Keys, secret: str | None = None) -> None:
        self._issuer = issuer
        self._keys = keys
        self._secret = secret
        self._users: dict[bytes, tuple[float, User]] = {}

    @classmethod
    def of(cls, settings: Settings) -> "Tokens":
        secret = settings.supabase_jwt_secret
        fetch = _from_disk(settings) if settings.is_local else _from_supabase(settings)
        return cls(settings.auth_url, Keys(fetch), secret.get_secret_value() if secret else None)

    async def user(self, token: str) -> User:
        """The user it was given to; a token is checked once, and then believed until it expires."""
        digest = sha256(token.encode()).digest()
        expires_at, user = self._users.get(digest, (0.0, None))
        if user is None or time.time() >= expires_at:
            self._users.pop(digest, None)
            claims = await self._verify(token)
            user = _user(claims)
            self._remember(digest, claims["exp"], user)
        return user

    async def _verify(self, token: str) -> dict[str, Any]:
        try:
            header = jwt.get_unverified_header(token)
            key = await self._key(header)
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[header["alg"]],  # the one that this key is for
                audience=AUDIENCE,
                issuer=self._issuer,
                leeway=LEEWAY,
                options={"require": REQUIRED},
            )
        except jwt.ExpiredSignatureError as error:
            raise _refusal("The token has expired: sign in again.") from error
        except (jwt.PyJWTError, ValueError) as error:
            raise _refusal("The token is not valid: sign in again.") from error
        return claims

    async def _key(self, header: dict[str, Any]) -> jwt.PyJWK | str:
        match header.get("alg"), header.get("kid"):
            case "ES256", str(kid) if key := await self._keys.get(kid):
                return key
            case "HS256", _ if self._secret:
                return self._secret
        raise jwt.InvalidKeyError("no key for this token")

    def _remember(self, digest: bytes, expires_at: float, user: User) -> None:
        if len(self._users) >= CACHED_TOKENS:
            self._users.clear()
        self._users[digest] = expires_at, user


def _user(claims: dict[str, Any]) -> User:
    if claims["role"] != ROLE:
        raise _refusal("The token is not a user's: sign in.")
    try:
        return User(UUID(claims["sub"]), claims.get("email"), claims)
    except (TypeError, ValueError, AttributeError) as error:
        raise _refusal("The token is not a user's: sign in.") from error


def _from_disk(settings: Settings) -> Fetch:
    from app.local.signing_key import SigningKey  # not where Supabase signs

    async def fetch() -> dict[str, Any]:
        return {"keys": [SigningKey.of(settings.ml_data_dir).public]}

    return fetch


def _from_supabase(settings: Settings) -> Fetch:
    async def fetch() -> dict[str, Any]:
        async with httpx.AsyncClient(timeout=10) as client:
            answer = await client.get(f"{settings.auth_url}/.well-known/jwks.json")
            answer.raise_for_status()
            keys: dict[str, Any] = answer.json()
            return keys

    return fetch


def _refusal(detail: str) -> Problem:
    return Problem(401, detail, headers={"WWW-Authenticate": "Bearer"})


bearer = HTTPBearer(auto_error=False, description="A Supabase access token.")


async def _current_user(
    connection: HTTPConnection,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
) -> User:
    if credentials is None:
        raise _refusal("Sign in first: send `Authorization: Bearer <access token>`.")
    tokens: Tokens = connection.app.state.tokens
    user = await tokens.user(credentials.credentials)
    bind_contextvars(user_id=str(user.id))
    limiter: RateLimiter = connection.app.state.rate_limiter
    await limiter.hit(connection.scope, "user", str(user.id))
    return user


CurrentUser = Annotated[User, Depends(_current_user)]
"""Whoever sent the request, which counts for their limit: every route of `/ml` takes it."""
