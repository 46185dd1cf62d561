"""The generated web pages pass what they come with: types, units, stories in a browser, weight."""

import shutil
from pathlib import Path

import pytest

from tests.backend import Backend
from tests.web.stack import Node, Pages, find_chromium

pytestmark = pytest.mark.slow

SAMPLE = Path(__file__).parents[2] / "templates/tasks/text-classification/sample.jsonl"
LONG = '{"Epochs": "12", "Patience": "12"}'  # so that there is time to watch the curve


def test_check(web: Node) -> None:
    web("npm", "run", "check")


def test_units(web: Node) -> None:
    web("npm", "test")


def test_budget(web: Node) -> None:
    web("npm", "run", "budget")


def test_stories(web: Node, pages: Pages, kept: Path) -> None:
    """The whole way of a user, what others see, accessibility, and pictures of all pages."""
    chromium = find_chromium()
    try:
        said = web(
            *("npm", "run", "e2e"),
            WEB_URL=pages.url,
            E2E_DATA=str(SAMPLE),
            E2E_SETTINGS=LONG,
            **({"CHROMIUM_PATH": chromium} if chromium else {}),
        )
    finally:
        for name in ("screenshots", "playwright-report"):
            if (web.folder / name).is_dir():
                shutil.copytree(web.folder / name, kept / name, dirs_exist_ok=True)
    (kept / "stories.log").write_text(said)
    assert "failed" not in said
    assert "skipped" not in said


def test_the_client_is_that_of_the_backend(web: Node, backend: Backend) -> None:
    backend("app.openapi", "--check", str(web.folder / "openapi.json"))
    api = web.folder / "app" / "ml" / "_api"
    before = contents(api)
    web("npm", "run", "client")
    assert contents(api) == before


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
