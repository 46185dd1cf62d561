"""Whose token is believed, and that a pooled connection forgets whom it served."""

import asyncio
import base64
import hmac
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from fastapi import FastAPI

from app.core import auth
from app.core.auth import CurrentUser, Keys, Tokens, User
from app.core.database import Database
from app.core.limits import RateLimiter
from app.core.problems import Problem
from app.core.settings import Settings
from app.local.postgres import Urls
from app.local.signing_key import SigningKey
from app.ml.prediction_store import Answer, Item, add, look_up
from tests.rows import add_model, add_version

ISSUER = "http://127.0.0.1:8000/auth/v1"
SECRET = "the secret of a project that still signs with HS256"
NOW = int(time.time())
CLAIMS: dict[str, Any] = {
    "iss": ISSUER,
    "aud": "authenticated",
    "role": "authenticated",
    "sub": str(uuid4()),
    "email": "owner@example.com",
    "exp": NOW + 3600,
    "iat": NOW,
}
# What a connection still knows of whom it served.
TRACES = """
select current_user::text, current_setting('role'),
  nullif(current_setting('request.jwt.claims', true), ''), current_setting('synchronous_commit')
"""


class Supabase:
    """Publishes keys, and counts how often it is asked."""

    def __init__(self, *keys: SigningKey) -> None:
        self.keys = list(keys)
        self.asked = 0
        self.is_down = False

    async def fetch(self) -> dict[str, Any]:
        self.asked += 1
        await asyncio.sleep(0)
        if self.is_down:
            raise httpx.ConnectError("refused")
        return {"keys": [key.public for key in self.keys]}

    def tokens(self, secret: str | None = None) -> Tokens:
        return Tokens(ISSUER, Keys(self.fetch), secret)


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> SigningKey:
    return SigningKey.of(tmp_path_factory.mktemp("ours"))


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> SigningKey:
    return SigningKey.of(tmp_path_factory.mktemp("theirs"))


@pytest.fixture
def supabase(key: SigningKey) -> Supabase:
    return Supabase(key)


@contextmanager
def refused(detail: str) -> Iterator[None]:
    with pytest.raises(Problem) as problem:
        yield
    assert problem.value.status_code == 401
    assert problem.value.headers == {"WWW-Authenticate": "Bearer"}
    assert detail in problem.value.detail


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in CLAIMS.items() if name not in names}


def encode(part: dict[str, Any]) -> bytes:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")


def sign_with_public_key(key: SigningKey) -> str:
    """The classic: our public key as the secret of HS256."""
    pem = key.private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    body = encode({"alg": "HS256", "kid": key.public["kid"]}) + b"." + encode(CLAIMS)
    signature = base64.urlsafe_b64encode(hmac.digest(pem, body, "sha256")).rstrip(b"=")
    return (body + b"." + signature).decode()


async def test_a_good_token(supabase: Supabase, key: SigningKey) -> None:
    user = await supabase.tokens().user(key.sign(CLAIMS))
    assert (str(user.id), user.email, user.claims) == (CLAIMS["sub"], CLAIMS["email"], CLAIMS)


BAD_CLAIMS: dict[str, tuple[dict[str, Any], str]] = {
    "expired": ({"exp": NOW - 60}, "expired"),
    "not yet valid": ({"nbf": NOW + 60}, "not valid"),
    "issued in the future": ({"iat": NOW + 60}, "not valid"),
    "for another audience": ({"aud": "anon"}, "not valid"),
    "of another project": ({"iss": "https://other.supabase.co/auth/v1"}, "not valid"),
    "role postgres": ({"role": "postgres"}, "not a user's"),
    "role service_role": ({"role": "service_role"}, "not a user's"),
    "role anon": ({"role": "anon"}, "not a user's"),
    "role in capitals": ({"role": "Authenticated"}, "not a user's"),
    "roles in a list": ({"role": ["authenticated"]}, "not a user's"),
    "sub is no uuid": ({"sub": "1; drop table ml_jobs"}, "not a user's"),
    "sub is empty": ({"sub": ""}, "not a user's"),
    "sub is a number": ({"sub": 7}, "not valid"),
    "exp is a word": ({"exp": "never"}, "not valid"),
}


@pytest.mark.parametrize("name", BAD_CLAIMS)
async def test_bad_claims(supabase: Supabase, key: SigningKey, name: str) -> None:
    change, detail = BAD_CLAIMS[name]
    with refused(detail):
        await supabase.tokens(SECRET).user(key.sign(CLAIMS | change))


@pytest.mark.parametrize("name", ["iss", "aud", "role", "sub", "exp"])
async def test_missing_claims(supabase: Supabase, key: SigningKey, name: str) -> None:
    with refused("not valid"):
        await supabase.tokens().user(key.sign(without(name)))


@pytest.mark.parametrize(
    "token", ["", ".", "..", "a.b.c", "garbage", "é.é.é", "null", "x" * 10_000, "\x00"]
)
async def test_garbage(supabase: Supabase, token: str) -> None:
    with refused("not valid"):
        await supabase.tokens(SECRET).user(token)


async def test_forged(supabase: Supabase, key: SigningKey, stranger: SigningKey) -> None:
    kid = {"kid": key.public["kid"]}
    good = key.sign(CLAIMS)
    forged = {
        "no algorithm": jwt.encode(CLAIMS, "", algorithm="none", headers=kid),
        "public key as secret": sign_with_public_key(key),
        "unknown key": stranger.sign(CLAIMS),
        "another's signature": jwt.encode(CLAIMS, stranger.private, "ES256", headers=kid),
        "no key id": jwt.encode(CLAIMS, key.private, "ES256"),
        "key id is a path": jwt.encode(CLAIMS, key.private, "ES256", headers={"kid": "../../x"}),
        "no signature": good.rpartition(".")[0] + ".",
        "other claims": f"{good.split('.')[0]}.{encode(CLAIMS).decode()}x.{good.split('.')[2]}",
        "guessed secret": jwt.encode(CLAIMS, "a guess that is long enough, though", "HS256"),
    }
    for name, token in forged.items():
        for tokens in (supabase.tokens(), supabase.tokens(SECRET)):
            with refused("not valid"):
                await tokens.user(token)
                pytest.fail(f"{name} was believed")


async def test_the_secret_of_older_projects(supabase: Supabase) -> None:
    token = jwt.encode(CLAIMS, SECRET, "HS256")
    assert (await supabase.tokens(SECRET).user(token)).email == CLAIMS["email"]
    with refused("not valid"):
        await supabase.tokens().user(token)


async def test_keys_are_fetched_once(supabase: Supabase, key: SigningKey) -> None:
    tokens = supabase.tokens()
    await asyncio.gather(*(tokens.user(key.sign(CLAIMS)) for _ in range(20)))
    assert supabase.asked == 1


async def test_a_new_key_is_found(
    supabase: Supabase, stranger: SigningKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unknown ones make the keys be fetched again, but not at the pace of whoever sends them."""
    tokens = supabase.tokens()
    for _ in range(50):
        with refused("not valid"):
            await tokens.user(stranger.sign(CLAIMS))
    assert supabase.asked == 1
    supabase.keys.append(stranger)
    monkeypatch.setattr(auth, "FETCH_FLOOR", -1)
    assert await tokens.user(stranger.sign(CLAIMS))
    assert supabase.asked == 2


async def test_a_withdrawn_key_is_refused(
    supabase: Supabase, key: SigningKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = supabase.tokens()
    await tokens.user(key.sign(CLAIMS))
    supabase.keys.clear()
    monkeypatch.setattr(auth, "KEYS_LIVE", -1)
    with refused("not valid"):
        await tokens.user(key.sign(CLAIMS | {"jti": "another"}))


async def test_keys_cannot_be_fetched(
    supabase: Supabase, key: SigningKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that are known go on; without any, it is not the token that is to blame."""
    supabase.is_down = True
    tokens = supabase.tokens()
    with pytest.raises(Problem) as problem:
        await tokens.user(key.sign(CLAIMS))
    assert problem.value.status_code == 503
    supabase.is_down = False
    with pytest.raises(Problem):
        await tokens.user(key.sign(CLAIMS))
    assert supabase.asked == 1
    monkeypatch.setattr(auth, "FETCH_FLOOR", -1)
    assert await tokens.user(key.sign(CLAIMS))
    supabase.is_down = True
    monkeypatch.setattr(auth, "KEYS_LIVE", -1)
    assert await tokens.user(key.sign(CLAIMS | {"jti": "another"}))


async def test_a_token_is_checked_once_and_ends_in_time(
    supabase: Supabase, key: SigningKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = supabase.tokens()
    token = key.sign(CLAIMS | {"exp": time.time() + 0.2})
    first = await tokens.user(token)
    assert await tokens.user(token) is first
    monkeypatch.setattr(auth, "LEEWAY", 0)
    await asyncio.sleep(0.3)
    with refused("expired"):
        await tokens.user(token)


@pytest.fixture
async def asking(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.state.tokens = Tokens.of(settings)
    app.state.rate_limiter = RateLimiter(settings.requests_per_minute)

    @app.get("/me")
    async def me(user: CurrentUser) -> str:
        return str(user.id)

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as asking:
        yield asking


@pytest.mark.parametrize("header", [None, "", "Bearer", "Basic b3duZXI6eA==", "Bearer x y"])
async def test_requests_without_a_token(asking: httpx.AsyncClient, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = await asking.get("/me", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_request_with_a_token(asking: httpx.AsyncClient, settings: Settings) -> None:
    token = SigningKey.of(settings.ml_data_dir).sign(CLAIMS)
    answer = await asking.get("/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.json() == CLAIMS["sub"]


async def test_connections_forget(urls: Urls, user: User, other: User) -> None:
    """400 transactions over 4 connections: some fail, some are cancelled, none leaves a trace."""
    database = await Database.connect(urls.backend, size=4)
    users = [user, other]

    async def act(number: int) -> None:
        me = users[number % 2]
        async with database.as_user(me) as connection:
            await connection.execute("insert into ml_datasets (name) values ($1)", str(number))
            owners = await connection.fetch("select distinct owner_id from ml_datasets")
            assert [row["owner_id"] for row in owners] == [me.id]
            if number % 5 == 1:
                await connection.execute("select 1 / 0")
            if number % 5 == 2:
                await connection.execute("select pg_sleep(10)")

    async def cut_off(number: int) -> None:
        try:
            await asyncio.wait_for(act(number), 0.05 if number % 5 == 2 else None)
        except (asyncpg.DivisionByZeroError, TimeoutError):
            assert number % 5 in (1, 2)

    await asyncio.gather(*(cut_off(number) for number in range(400)))
    connections = [await database.pool.acquire() for _ in range(4)]
    for connection in connections:
        row = await connection.fetchrow(TRACES)
        assert row
        assert tuple(row) == ("backend", "none", None, "on")
        await database.pool.release(connection)
    async with database.as_service() as connection:
        assert await connection.fetchval("select count(*) from ml_datasets") == 400 * 3 / 5
    await database.close()


async def test_calls_as_a_user_leave_no_trace(urls: Urls, user: User, other: User) -> None:
    """And see and add what the user may."""
    database = await Database.connect(urls.backend, size=1)
    model_id = await add_model(database, user)
    await add_version(database, user, model_id)
    item = Item({}, "0" * 64, 0, None)
    target = (await look_up(database, user, "trades", [item])).target
    assert target.model_id == model_id
    with pytest.raises(Problem, match="No model"):
        await look_up(database, other, "trades", [item])
    with pytest.raises(Problem, match="deleted"):
        await add(database, other, target, [(item, Answer({}, 1))])
    await add(database, user, target, [(item, Answer({}, 1))])
    row = await database.pool.fetchrow(TRACES)
    assert row
    assert tuple(row) == ("backend", "none", None, "on")
    await database.close()


async def test_a_role_is_never_that_of_the_token(database: Database, user: User) -> None:
    forged = User(user.id, user.email, user.claims | {"role": "postgres"})
    async with database.as_user(forged) as connection:
        assert await connection.fetchval("select current_user::text") == "authenticated"


def test_a_key_stays_and_is_private(tmp_path: Path) -> None:
    key = SigningKey.of(tmp_path / "new")
    assert SigningKey.of(tmp_path / "new").public == key.public
    (file,) = (tmp_path / "new").iterdir()
    assert file.stat().st_mode & 0o077 == 0
    assert "d" not in key.public
