"""An app that somebody has gets the pages, builds without a warning, and looks as it did."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.backend import Backend, free_port
from tests.web.stack import Node, Pages, find_chromium

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
COMMAND = "from ml_training.cli import main; main()"
SHARED = {  # of an app as create-next-app makes it, in the versions that ours has
    "dependencies": ["next", "react", "react-dom"],
    "devDependencies": [
        "@tailwindcss/postcss",
        "@types/node",
        "@types/react",
        "@types/react-dom",
        "eslint",
        "eslint-config-next",
        "tailwindcss",
        "typescript",
    ],
}


class Host:
    """The app before and after."""

    def __init__(self, node: Node, web: Node, port: int, kept: Path) -> None:
        self.node = node
        self.port = port
        self.kept = kept
        self._web = web  # which has a browser's driver
        self._inlined = {  # the app's own sign-in, by the proxy of the pages
            "NEXT_PUBLIC_SUPABASE_URL": f"http://127.0.0.1:{port}/ml/api",
            "NEXT_PUBLIC_SUPABASE_PUBLISHABLE_KEY": "sb_publishable_local",
        }

    def install(self) -> None:
        self.node("npm", "install", "--no-audit", "--no-fund", "--prefer-offline")

    def build(self) -> None:
        self.node.build(**self._inlined)

    def add_pages(self) -> str:
        command = [sys.executable, "-c", COMMAND, "new", str(self.node.folder)]
        command += ["--component", "frontend", "--defaults"]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def visit(self, task: str, pages: Pages, name: str) -> bytes:
        picture = self.kept / f"host-{name}.png"
        chromium = find_chromium()
        environment = {"CHROMIUM_PATH": chromium} if chromium else {}
        self._web(str(HERE / "visit.mjs"), task, pages.url, str(picture), **environment)
        return picture.read_bytes()


@pytest.fixture(scope="module")
def host(node: Path, web: Node, kept: Path, tmp_path_factory: pytest.TempPathFactory) -> Host:
    folder = tmp_path_factory.mktemp("host") / "shop"
    shutil.copytree(HERE / "host", folder)
    ours = json.loads((web.folder / "package.json").read_text("utf-8"))
    package = json.loads((folder / "package.json").read_text("utf-8"))
    for table, names in SHARED.items():
        package[table] |= {name: ours[table][name] for name in names}
    (folder / "package.json").write_text(json.dumps(package, indent=2) + "\n")
    host = Host(Node(node, folder), web, free_port(), kept)
    host.install()
    return host


@pytest.fixture(scope="module")
def before(host: Host) -> bytes:
    """How the app looks."""
    host.build()
    with host.node.serving(PORT=str(host.port)) as pages:
        return host.visit("picture", pages, "before")


@pytest.fixture(scope="module")
def said(host: Host, before: bytes) -> str:
    """What the command says that puts the pages into the app."""
    said = host.add_pages()
    host.install()
    host.build()
    return said


@pytest.fixture(scope="module")
def shop(host: Host, said: str, backend: Backend) -> Iterator[Pages]:
    with host.node.serving(PORT=str(host.port), ML_API_URL=backend.url) as pages:
        yield pages


def test_only_a_folder_and_two_edits(host: Host, said: str) -> None:
    assert '+@import "./ml/theme.css";' in said
    assert '"@tanstack/react-query"' in said
    app = host.node.folder / "src" / "app"
    before = {path.name for path in (HERE / "host" / "src" / "app").iterdir()}
    assert {path.name for path in app.iterdir()} == before | {"ml"}
    client = (app / "ml" / "_lib" / "auth-client.ts").read_text("utf-8")
    assert 'from "~/lib/supabase/client"' in client


def test_types_and_lint(host: Host, said: str) -> None:
    host.node("node_modules/typescript/bin/tsc", "--noEmit")
    host.node("node_modules/eslint/bin/eslint.js", "--max-warnings", "0")


def test_the_app_looks_as_it_did(host: Host, before: bytes, shop: Pages) -> None:
    assert host.visit("picture", shop, "after") == before


def test_its_users_sign_in(host: Host, shop: Pages) -> None:
    host.visit("sign-up", shop, "signed-in")
