"""The sign-in of this machine, request by request; the slow tests of its makers use supabase-js."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import jwt
import pytest
from fastapi import FastAPI

from app.core.auth import Tokens
from app.core.database import Database
from app.core.settings import Settings
from app.local import auth_server, passwords
from app.local.attempts import FAILURES
from app.local.signing_key import SigningKey

Body = dict[str, Any]

OWNER = {"email": "Owner@Example.com", "password": "correct horse"}


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(passwords.COST, "p", 1)
    monkeypatch.setitem(passwords.COST, "n", 2**4)


@pytest.fixture
async def sign_in(settings: Settings, database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """The routes alone."""
    app = FastAPI()
    app.state.settings, app.state.database = settings, database
    app.state.tokens = Tokens.of(settings)
    app.include_router(auth_server.router)
    transport = httpx.ASGITransport(app)
    base_url = f"{settings.auth_url}/"
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url=base_url) as client,
    ):
        yield client


async def post(client: httpx.AsyncClient, path: str, body: Body, status: int = 200) -> Body:
    answer = await client.post(path, json=body)
    assert answer.status_code == status, answer.text
    session: Body = answer.json()
    return session


async def sign_up(client: httpx.AsyncClient, **more: Any) -> Body:
    return await post(client, "signup", OWNER | more)


async def refresh(client: httpx.AsyncClient, token: str, status: int = 200) -> Body:
    return await post(client, "token?grant_type=refresh_token", {"refresh_token": token}, status)


def bearer(session: Body) -> dict[str, str]:
    return {"Authorization": f"Bearer {session['access_token']}"}


async def test_sign_up(sign_in: httpx.AsyncClient, settings: Settings) -> None:
    session = await sign_up(sign_in, data={"name": "Ann"})
    assert session["token_type"] == "bearer"
    assert session["expires_in"] == 3600
    user = session["user"]
    assert user["email"] == "owner@example.com"
    assert user["user_metadata"] == {"name": "Ann"}
    claims = jwt.decode(session["access_token"], options={"verify_signature": False})
    assert claims["iss"] == settings.auth_url
    assert (claims["sub"], claims["role"], claims["aud"]) == (user["id"], *["authenticated"] * 2)
    assert claims["exp"] == session["expires_at"]
    assert "correct horse" not in str(session)


async def test_tokens_are_those_of_the_published_key(
    sign_in: httpx.AsyncClient, settings: Settings
) -> None:
    session = await sign_up(sign_in)
    (key,) = (await sign_in.get(".well-known/jwks.json")).json()["keys"]
    assert set(key) == {"alg", "crv", "key_ops", "kid", "kty", "use", "x", "y"}
    verified = jwt.decode(
        session["access_token"],
        jwt.PyJWK(key),
        algorithms=["ES256"],
        audience="authenticated",
        issuer=settings.auth_url,
    )
    assert verified["sub"] == session["user"]["id"]
    assert jwt.get_unverified_header(session["access_token"])["kid"] == key["kid"]


BAD_SIGN_UPS: dict[str, tuple[Body, int, str]] = {
    "somebody has it": ({}, 422, "user_already_exists"),
    "somebody has it, in capitals": ({"email": "OWNER@EXAMPLE.COM"}, 422, "user_already_exists"),
    "short password": ({"email": "a@b.c", "password": "1234567"}, 422, "weak_password"),
    "no password": ({"email": "a@b.c", "password": ""}, 422, "weak_password"),
    "long password": ({"email": "a@b.c", "password": "x" * 1000}, 400, "validation_failed"),
    "no address": ({"email": ""}, 422, "anonymous_provider_disabled"),
    "not an address": ({"email": "owner"}, 400, "email_address_invalid"),
    "a line break": ({"email": "a@b.c\nBcc: d@e.f"}, 400, "email_address_invalid"),
    "not text": ({"email": 7}, 400, "validation_failed"),
    "data that cannot be stored": (
        {"email": "a@b.c", "data": {"a": "\0"}},
        400,
        "validation_failed",
    ),
    "data is a list": ({"email": "a@b.c", "data": [1]}, 400, "validation_failed"),
}


@pytest.mark.parametrize("name", BAD_SIGN_UPS)
async def test_bad_sign_ups(sign_in: httpx.AsyncClient, name: str) -> None:
    change, status, code = BAD_SIGN_UPS[name]
    await sign_up(sign_in)
    error = await post(sign_in, "signup", OWNER | change, status)
    assert (error["code"], error["error_code"]) == (status, code)
    assert error["msg"]


async def test_sign_in(sign_in: httpx.AsyncClient) -> None:
    user = (await sign_up(sign_in))["user"]
    session = await post(sign_in, "token?grant_type=password", OWNER)
    assert session["user"]["id"] == user["id"]
    assert session["user"]["last_sign_in_at"] > user["last_sign_in_at"]


@pytest.mark.parametrize("change", [{"password": "wrong horse"}, {"email": "nobody@example.com"}])
async def test_bad_sign_in(sign_in: httpx.AsyncClient, change: Body) -> None:
    """The same answer, whether or not there is such an account."""
    await sign_up(sign_in)
    error = await post(sign_in, "token?grant_type=password", OWNER | change, 400)
    assert error == {
        "code": 400,
        "error_code": "invalid_credentials",
        "msg": "Invalid login credentials",
    }


async def test_too_many_failures(sign_in: httpx.AsyncClient) -> None:
    await sign_up(sign_in)
    wrong = OWNER | {"password": "wrong horse"}
    for _ in range(FAILURES.amount):
        await post(sign_in, "token?grant_type=password", wrong, 400)
    error = await post(sign_in, "token?grant_type=password", OWNER, 429)
    assert error["error_code"] == "over_request_rate_limit"


@pytest.mark.parametrize("grant", ["pkce", "id_token", ""])
async def test_other_grants(sign_in: httpx.AsyncClient, grant: str) -> None:
    error = await post(sign_in, f"token?grant_type={grant}", {}, 400)
    assert error["error_code"] == "validation_failed"


async def test_refresh_tokens_rotate(sign_in: httpx.AsyncClient) -> None:
    first = await sign_up(sign_in)
    second = await refresh(sign_in, first["refresh_token"])
    third = await refresh(sign_in, second["refresh_token"])
    assert len({each["refresh_token"] for each in (first, second, third)}) == 3
    assert len({_session_id(each) for each in (first, second, third)}) == 1


async def test_two_tabs_may_refresh_at_once(sign_in: httpx.AsyncClient) -> None:
    first = await sign_up(sign_in)
    tabs = [await refresh(sign_in, first["refresh_token"]) for _ in range(2)]
    for tab in tabs:
        await refresh(sign_in, tab["refresh_token"])


async def test_a_stolen_refresh_token_ends_the_session(
    sign_in: httpx.AsyncClient, admin: "asyncpg.Connection[Any]"
) -> None:
    first = await sign_up(sign_in)
    second = await refresh(sign_in, first["refresh_token"])
    elsewhere = await post(sign_in, "token?grant_type=password", OWNER)
    await admin.execute(
        "update auth.refresh_tokens set updated_at = now() - interval '11 s' where revoked"
    )
    error = await refresh(sign_in, first["refresh_token"], 400)
    assert error["error_code"] == "refresh_token_already_used"
    error = await refresh(sign_in, second["refresh_token"], 400)
    assert error["error_code"] == "refresh_token_not_found"
    answer = await sign_in.get("user", headers=bearer(second))
    assert (answer.status_code, answer.json()["error_code"]) == (403, "session_not_found")
    await refresh(sign_in, elsewhere["refresh_token"])


async def test_unknown_refresh_token(sign_in: httpx.AsyncClient) -> None:
    for token in ("", "guess"):
        error = await refresh(sign_in, token, 400)
        assert error["error_code"] == "refresh_token_not_found"


async def test_nothing_that_opens_a_door_is_stored(
    sign_in: httpx.AsyncClient, admin: "asyncpg.Connection[Any]"
) -> None:
    session = await sign_up(sign_in)
    stored = await admin.fetchval(
        "select (select json_agg(users) from auth.users)::text "
        "|| (select json_agg(refresh_tokens) from auth.refresh_tokens)::text"
    )
    assert OWNER["password"] not in stored
    assert session["refresh_token"] not in stored


async def test_user(sign_in: httpx.AsyncClient) -> None:
    session = await sign_up(sign_in)
    answer = await sign_in.get("user", headers=bearer(session))
    assert answer.json() == session["user"]


async def test_changes(sign_in: httpx.AsyncClient) -> None:
    session = await sign_up(sign_in, data={"name": "Ann", "trade": "welder"})
    elsewhere = await post(sign_in, "token?grant_type=password", OWNER)
    change = {
        "email": "ann@example.com",
        "password": "battery staple",
        "data": {"trade": None, "year": 2},
    }
    answer = await sign_in.put("user", json=change, headers=bearer(session))
    assert answer.json()["email"] == "ann@example.com"
    assert answer.json()["user_metadata"] == {"name": "Ann", "year": 2}
    await post(sign_in, "token?grant_type=password", OWNER, 400)
    await post(sign_in, "token?grant_type=password", change)
    await refresh(sign_in, session["refresh_token"])
    await refresh(sign_in, elsewhere["refresh_token"], 400)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"password": "short"}, 422, "weak_password"),
        ({"email": "nobody"}, 400, "email_address_invalid"),
        ({"email": "other@example.com"}, 422, "email_exists"),
    ],
)
async def test_bad_changes(
    sign_in: httpx.AsyncClient, change: Body, status: int, code: str
) -> None:
    await sign_up(sign_in, email="other@example.com")
    session = await sign_up(sign_in)
    answer = await sign_in.put("user", json=change, headers=bearer(session))
    assert (answer.status_code, answer.json()["error_code"]) == (status, code)


@pytest.mark.parametrize(
    ("scope", "stays"),
    [("local", [False, True]), ("others", [True, False]), ("global", [False, False])],
)
async def test_sign_out(sign_in: httpx.AsyncClient, scope: str, stays: list[bool]) -> None:
    here, there = await sign_up(sign_in), await post(sign_in, "token?grant_type=password", OWNER)
    other = await sign_up(sign_in, email="other@example.com")
    answer = await sign_in.post(f"logout?scope={scope}", headers=bearer(here))
    assert (answer.status_code, answer.content) == (204, b"")
    for session, is_signed_in in zip([here, there, other], [*stays, True], strict=True):
        await refresh(sign_in, session["refresh_token"], 200 if is_signed_in else 400)
        answer = await sign_in.get("user", headers=bearer(session))
        assert answer.status_code == (200 if is_signed_in else 403)


@pytest.mark.parametrize("path", ["user", "logout"])
async def test_without_a_token(sign_in: httpx.AsyncClient, path: str) -> None:
    method = "POST" if path == "logout" else "GET"
    answer = await sign_in.request(method, path)
    assert (answer.status_code, answer.json()["error_code"]) == (401, "no_authorization")
    answer = await sign_in.request(method, path, headers={"Authorization": "Bearer sb_publishable"})
    assert (answer.status_code, answer.json()["error_code"]) == (403, "bad_jwt")


async def test_a_token_without_a_session(sign_in: httpx.AsyncClient, settings: Settings) -> None:
    session = await sign_up(sign_in)
    claims = jwt.decode(session["access_token"], options={"verify_signature": False})
    del claims["session_id"]
    token = SigningKey.of(settings.ml_data_dir).sign(claims)
    answer = await sign_in.get("user", headers={"Authorization": f"Bearer {token}"})
    assert answer.json()["error_code"] == "bad_jwt"


async def test_what_clients_ask_first(sign_in: httpx.AsyncClient) -> None:
    assert (await sign_in.get("health")).status_code == 200
    answer = (await sign_in.get("settings")).json()
    assert answer["external"] == {"email": True}
    assert answer["mailer_autoconfirm"]


def test_hashes_are_salted_and_never_equal_for_nobody() -> None:
    first, second = (
        passwords.hash_password("correct horse"),
        passwords.hash_password("correct horse"),
    )
    assert first != second
    assert passwords.is_password("correct horse", first)
    assert not passwords.is_password("wrong horse", first)
    for missing in (None, ""):
        assert not passwords.is_password("", missing)


def _session_id(session: Body) -> str:
    claims: Body = jwt.decode(session["access_token"], options={"verify_signature": False})
    return str(claims["session_id"])
