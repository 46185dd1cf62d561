"""One build for every environment, and no secret of it in what browsers are sent."""

import json
import re
from itertools import chain

import httpx
import pytest

from tests.web.conftest import CANARIES
from tests.web.fake_backend import fake_backend
from tests.web.stack import MEGABYTE, Node, Pages, memory

pytestmark = pytest.mark.slow

SIGN_IN = "/ml/sign-in"
SUPABASE = {
    "SUPABASE_URL": "http://127.0.0.1:54321",
    "SUPABASE_PUBLISHABLE_KEY": "sb_publishable_of-this-server",
}


def test_a_build_talks_to_the_backend_of_its_server(web: Node) -> None:
    with fake_backend("one") as one, fake_backend("other") as other:
        for backend in (one, other):
            with web.serving(ML_API_URL=backend.url) as pages:
                assert get(pages, "/ml/api/ml/name").json() == {"name": backend.name}


def test_a_build_signs_in_where_its_server_says(web: Node) -> None:
    assert "sb_publishable_" not in get_with(web, SIGN_IN).text
    found = get_with(web, SIGN_IN, **SUPABASE).text
    assert all(text in found for text in SUPABASE.values())


def test_a_secret_key_is_refused(web: Node) -> None:
    wrong = SUPABASE | {"SUPABASE_PUBLISHABLE_KEY": "sb_secret_canary"}
    with web.serving(**wrong) as pages:
        answer = get(pages, SIGN_IN)
        said = pages.log.read_text()
    assert answer.status_code == 500
    assert "sb_secret_canary" not in answer.text + said
    assert "SUPABASE_PUBLISHABLE_KEY: It is a secret key" in said


def test_no_secret_is_sent(web: Node, pages: Pages) -> None:
    """Neither in the files of the build, nor in any page, as HTML or as React reads it."""
    files = [path for path in (web.folder / ".next" / "static").rglob("*") if path.is_file()]
    assert files
    sent = [path.read_bytes() for path in files]
    with httpx.Client(base_url=pages.url, trust_env=False) as client:
        for path in addresses(web):
            for headers in ({}, {"RSC": "1"}):
                answer = client.get(path, headers=headers)
                assert answer.status_code < 500, path
                sent.append(answer.content + repr(answer.headers).encode())
    for name, canary in CANARIES.items():
        assert not any(canary.encode() in content for content in sent), name


def test_no_secret_is_built_in(web: Node) -> None:
    """What runs on the server reads its environment when it runs."""
    built = (web.folder / ".next").rglob("*")
    for path in (path for path in built if path.is_file() and "cache" not in path.parts):
        content = path.read_bytes()
        assert not any(canary.encode() in content for canary in CANARIES.values()), path


def test_a_visit_leaves_nothing_in_the_server(pages: Pages) -> None:
    with httpx.Client(base_url=pages.url, trust_env=False) as client:

        def visit(times: int) -> int:
            for _ in range(times):
                assert client.get(SIGN_IN).is_success
            return memory(pages)

        before = visit(1200)  # by when the server has all that it will ever need
        assert visit(800) - before < 60 * MEGABYTE


def addresses(web: Node) -> list[str]:
    """Of all pages, those of one thing with any name."""
    manifest = (web.folder / ".next" / "app-path-routes-manifest.json").read_text("utf-8")
    pages = {file: route for file, route in json.loads(manifest).items() if file.endswith("/page")}
    routes = [route for route in pages.values() if not route.startswith("/_")]
    assert SIGN_IN in routes
    return list(chain(("/nowhere",), (re.sub(r"\[.*?\]", "1", route) for route in routes)))


def get(pages: Pages, path: str) -> httpx.Response:
    return httpx.get(pages.url + path, trust_env=False, timeout=30)


def get_with(web: Node, path: str, **environment: str) -> httpx.Response:
    with web.serving(**environment) as pages:
        return get(pages, path)
