"""What is generated, for every algorithm, as a project and as a model alone."""

import ast
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from ruff import find_ruff_bin

from ml_training.catalog import Catalog, read_catalog
from tests.generated import PAIRS
from tools.examples import EXAMPLES, differences, write_examples

CATALOG = read_catalog()
TEMPLATES = CATALOG.root / "templates"
WITH_MODEL = ["project", "model"]
ALONE = [  # the answers that render a component, and its folder in a project
    ({"component": "backend"}, "backend"),
    ({"component": "database"}, "supabase"),
    ({"component": "frontend"}, "frontend"),
    ({"component": "frontend", "next_app": "existing"}, "frontend/app/ml"),
]
FROM_ANSWERS = {".ml-training.yml", "README.md", "defaults.py", "sky.yaml"}
SAMPLE = {f"data/{task['sample']}": task["sample"] for task in CATALOG.tasks}
SAMPLE |= {"data/README.md": "sample.README.md"}
READ_BY = {"report.html": "report", "prices.csv": "price_catalog"}  # data of core

Render = Callable[..., Path]
FIRST = PAIRS[0]
FIRST_OF_TASK = {(task["name"], task["algorithms"][0]["name"]) for task in CATALOG.tasks}


@dataclass(frozen=True)
class Rendered:
    task: str
    algorithm: str
    provider: str
    model: Path
    core: Path


# Of module scope, so that the tests of one come one after the other and it is rendered once.
@pytest.fixture(
    scope="module",
    params=[
        *(
            pytest.param(
                (*pair, "model", "local"), marks=[] if pair in FIRST_OF_TASK else pytest.mark.slow
            )
            for pair in PAIRS
        ),
        *((*FIRST, "project", provider["name"]) for provider in CATALOG.providers),
    ],
    ids="-".join,
)
def rendered(render: Render, request: pytest.FixtureRequest) -> Rendered:
    """Every algorithm as a model alone; one as a whole project, at every provider.

    Of each task, all but one are of the slow tier.
    """
    task, algorithm, component, provider = request.param
    folder = render(task=task, algorithm=algorithm, component=component, provider=provider)
    model = _model(folder, component)
    core = model / "core" if component == "model" else folder / "ml/core"
    return Rendered(task, algorithm, provider, model, core)


def test_model_files_are_those_of_task_and_provider(rendered: Rendered) -> None:
    own = TEMPLATES / "tasks" / rendered.task
    origins = [own / rendered.algorithm, own, TEMPLATES / "providers" / rendered.provider]
    origins += [TEMPLATES / "project/ml", TEMPLATES / "project/ml/@{ model }@"]
    for path in _files(rendered.model):
        name = path.relative_to(rendered.model).as_posix()
        if name not in FROM_ANSWERS:
            name = SAMPLE.get(name, name)
            found = [root / name for root in origins if (root / name).is_file()]
            if name in ("requirements.txt", "requirements-serve.txt"):  # to which the provider adds
                lines = {line for part in found for line in part.read_text("utf-8").splitlines()}
                assert path.read_text("utf-8").splitlines() == sorted(lines)
            else:
                assert path.read_bytes() == found[0].read_bytes(), name


def test_core_is_what_the_model_imports(rendered: Rendered) -> None:
    reached: set[str] = set()
    waiting = list(rendered.model.glob("*.py"))
    while waiting:
        for module in _core_imports(waiting.pop().read_text("utf-8")) - reached:
            reached.add(module)
            waiting.append(rendered.core / f"{module.replace('.', '/')}.py")
    modules = {path.relative_to(rendered.core) for path in rendered.core.rglob("*.py")}
    names = {path.with_suffix("").as_posix().replace("/", ".") for path in modules}
    assert reached == {name for name in names if not name.endswith("__init__")}
    data = {path.name for path in _files(rendered.core) if path.suffix != ".py"}
    assert data == {name for name, reader in READ_BY.items() if reader in reached}


def test_what_trains_a_network_can_be_spread_over_nodes(rendered: Rendered) -> None:
    trains_network = (rendered.core / "checkpoints.py").is_file()
    assert (rendered.model / "sky.yaml").is_file() == trains_network


def test_no_tag_is_left(rendered: Rendered) -> None:
    for path in _files(rendered.core.parents[1]):
        text = path.read_text(encoding="utf-8")
        assert not any(tag in text for tag in ("@{", "@%", "@#")), path
        assert text.endswith("\n") or not text, path


def test_python_passes_its_own_linter(rendered: Rendered) -> None:
    for command in (["check"], ["format", "--check"]):
        paths = {rendered.model, rendered.core}
        subprocess.run([find_ruff_bin(), *command, "--no-cache", *paths], check=True)


def test_defaults_in_place_are_the_default_answers(rendered: Rendered) -> None:
    twin = (TEMPLATES / "tasks" / rendered.task / "defaults.py").read_text()
    if rendered.algorithm == _of_task(rendered.task)[-1]:  # which they are for
        assert (rendered.model / "defaults.py").read_text() == twin


@pytest.mark.parametrize(("answers", "folder"), ALONE)
def test_a_component_alone_is_what_a_project_has(
    render: Render, answers: dict[str, str], folder: str
) -> None:
    alone, origin = render(**answers), TEMPLATES / "project" / folder
    inside = render(component="project") / folder
    names = {path.relative_to(alone) for path in _files(alone)}
    assert names == {p.relative_to(inside) for p in _files(inside)} | {Path(".ml-training.yml")}
    for name in names - {Path(".ml-training.yml")}:
        assert (alone / name).read_bytes() == (inside / name).read_bytes()
        assert (alone / name).read_bytes() == (origin / name).read_bytes()


def test_every_component_is_rendered_by_a_test() -> None:
    alone = {answers["component"] for answers, _ in ALONE}
    assert {item["name"] for item in CATALOG.components} == {*WITH_MODEL, *alone}


def test_pages_in_an_app_sign_in_as_it_does(render: Render) -> None:
    answers = {"component": "frontend", "next_app": "existing"}
    plain, adapted = render(**answers), render(**answers, supabase_client="@/lib/supabase/client")
    client = Path("_lib/auth-client.ts")
    names = {path.relative_to(adapted) for path in _files(adapted)} - {Path(".ml-training.yml")}
    assert [n for n in names if (plain / n).read_bytes() != (adapted / n).read_bytes()] == [client]
    assert 'import { createClient } from "@/lib/supabase/client";' in (adapted / client).read_text()


def test_every_core_file_is_listed() -> None:
    folder = TEMPLATES / "project/ml/core"
    core = {path.relative_to(folder).as_posix() for path in _files(folder)}
    of_all = CATALOG.questions["core_of_all"]["default"]
    by_need = CATALOG.questions["core_by_need"]["default"]
    assert {*of_all, *(name for files in by_need.values() for name in files)} == core


@pytest.mark.parametrize(("task", "algorithm"), PAIRS)
def test_every_file_of_an_algorithm_is_listed(task: str, algorithm: str) -> None:
    own = TEMPLATES / "tasks" / task
    found = {path.name for folder in (own, own / algorithm) for path in folder.glob("*.py")}
    facts = next(item for item in CATALOG.tasks if item["name"] == task)
    listed = {name for item in (facts, *facts["algorithms"]) for name in item.get("files", [])}
    stubs = (TEMPLATES / "project/ml/@{ model }@").glob("*.py.jinja")
    assert found <= {path.name.removesuffix(".jinja") for path in stubs} | listed


def test_examples_are_current(catalog: Catalog, tmp_path: Path) -> None:
    for name in write_examples(catalog, tmp_path):
        changes = list(differences(EXAMPLES / name, tmp_path / name))
        assert not changes, "run: python -m tools.examples"


def _model(folder: Path, component: str) -> Path:
    return folder if component == "model" else next((folder / "ml").glob("*/train.py")).parent


def _files(root: Path) -> Iterator[Path]:
    return (p for p in root.rglob("*") if p.is_file() and "__pycache__" not in p.parts)


def _of_task(task: str) -> list[str]:
    return [algorithm for its, algorithm in PAIRS if its == task]


@cache
def _core_imports(code: str) -> set[str]:
    modules: set[str] = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and node.module == "core":
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            modules |= {node.module.removeprefix("core.")} if "core." in node.module else set()
    return modules
