"""What is generated, for every algorithm, as a project and as a model alone."""

import ast
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ml_training.catalog import Catalog, read_catalog
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
ALGORITHMS = [(item["task"], item["name"]) for item in CATALOG.algorithms]
FROM_ANSWERS = {".ml-training.yml", "README.md", "defaults.py"}
SAMPLE = {f"data/{task['sample']}": task["sample"] for task in CATALOG.tasks}
SAMPLE |= {"data/README.md": "sample.README.md"}

Render = Callable[..., Path]
# A project is rendered for the first algorithm of each task, a model alone for every one.
FIRST = [(task["name"], task["algorithms"][0]["name"]) for task in CATALOG.tasks]
every = pytest.mark.parametrize(
    ("task", "algorithm", "component"),
    [(*a, "model") for a in ALGORITHMS] + [(*a, "project") for a in FIRST],
)


@every
def test_model_files_are_those_of_task_and_provider(
    render: Render, task: str, algorithm: str, component: str
) -> None:
    model = _model(render(task=task, algorithm=algorithm, component=component), component)
    own = TEMPLATES / "tasks" / task
    origins = [own / algorithm, own, TEMPLATES / "providers/local", TEMPLATES / "project/ml"]
    origins.append(TEMPLATES / "project/ml/@{ model }@")
    for path in _files(model):
        name = path.relative_to(model).as_posix()
        if name not in FROM_ANSWERS:
            name = SAMPLE.get(name, name)
            found = [root / name for root in origins if (root / name).is_file()]
            parts = found if name == "requirements.txt" else found[:1]  # the provider adds to it
            assert path.read_bytes() == b"".join(part.read_bytes() for part in parts), name


@every
def test_core_is_what_the_model_imports(
    render: Render, task: str, algorithm: str, component: str
) -> None:
    project = render(task=task, algorithm=algorithm, component=component)
    model = _model(project, component)
    core = model / "core" if component == "model" else project / "ml/core"
    reached: set[str] = set()
    waiting = list(model.glob("*.py"))
    while waiting:
        for module in _core_imports(waiting.pop()) - reached:
            reached.add(module)
            waiting.append(core / f"{module}.py")
    assert reached == {path.stem for path in core.glob("*.py")} - {"__init__"}


@every
def test_no_tag_is_left(render: Render, task: str, algorithm: str, component: str) -> None:
    for path in _files(render(task=task, algorithm=algorithm, component=component)):
        text = path.read_text(encoding="utf-8")
        assert not any(tag in text for tag in ("@{", "@%", "@#")), path
        assert text.endswith("\n") or not text, path


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


def test_python_passes_its_own_linter(render: Render, tmp_path: Path) -> None:
    projects = [
        render(task=task, algorithm=algorithm, component="model") for task, algorithm in ALGORITHMS
    ]
    projects.append(render(task=FIRST[0][0], algorithm=FIRST[0][1], component="project"))
    ruff = [sys.executable, "-m", "ruff"]
    for command in (["check"], ["format", "--check"]):
        subprocess.run([*ruff, *command, "--no-cache", *projects], check=True)


def test_every_core_file_is_listed() -> None:
    core = {path.name for path in _files(TEMPLATES / "project/ml/core")}
    of_all = CATALOG.questions["core_of_all"]["default"]
    by_need = CATALOG.questions["core_by_need"]["default"]
    assert {*of_all, *(name for files in by_need.values() for name in files)} == core


@pytest.mark.parametrize(("task", "algorithm"), ALGORITHMS)
def test_every_file_of_an_algorithm_is_listed(task: str, algorithm: str) -> None:
    own = TEMPLATES / "tasks" / task
    found = {path.name for folder in (own, own / algorithm) for path in folder.glob("*.py")}
    facts = next(item for item in CATALOG.tasks if item["name"] == task)
    listed = {name for item in (facts, *facts["algorithms"]) for name in item.get("files", [])}
    stubs = (TEMPLATES / "project/ml/@{ model }@").glob("*.py.jinja")
    assert found <= {path.name.removesuffix(".jinja") for path in stubs} | listed


@pytest.mark.parametrize("task", [task["name"] for task in CATALOG.tasks])
def test_defaults_in_place_are_the_default_answers(render: Render, task: str) -> None:
    algorithms = [a["name"] for a in CATALOG.algorithms if a["task"] == task]
    twin = (TEMPLATES / "tasks" / task / "defaults.py").read_text()
    model = _model(render(task=task, algorithm=algorithms[-1], component="model"), "model")
    assert (model / "defaults.py").read_text() == twin


def test_examples_are_current(catalog: Catalog, tmp_path: Path) -> None:
    for name in write_examples(catalog, tmp_path):
        changes = list(differences(EXAMPLES / name, tmp_path / name))
        assert not changes, "run: python -m tools.examples"


def _model(folder: Path, component: str) -> Path:
    return folder if component == "model" else next((folder / "ml").glob("*/train.py")).parent


def _files(root: Path) -> Iterator[Path]:
    return (p for p in root.rglob("*") if p.is_file() and "__pycache__" not in p.parts)


def _core_imports(path: Path) -> set[str]:
    modules: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "core":
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            modules |= {node.module.removeprefix("core.")} if "core." in node.module else set()
    return modules
