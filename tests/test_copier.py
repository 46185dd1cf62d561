"""A project is a legal Copier one: `copier copy` gives the same, `copier update` works on it."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from copier import run_copy, run_update
from plumbum import local

from ml_training.catalog import Catalog
from ml_training.template import SOURCE

AUTHOR = ("-c", "user.name=test", "-c", "user.email=test@localhost")


@pytest.fixture(scope="module")
def released(catalog: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template as it is, committed and tagged in a repository of its own."""
    repository = tmp_path_factory.mktemp("released") / "template"
    ignore = shutil.ignore_patterns("node_modules", ".next")
    shutil.copytree(catalog.root / "templates", repository / "templates", ignore=ignore)
    shutil.copy(catalog.root / "copier.yml", repository)
    _commit(repository, "v0.1.0")
    return repository


LORA = {"task": "text-classification", "algorithm": "lora"}
APP = {"component": "frontend", "next_app": "existing"}


def each(*slow: dict[str, str], fast: list[dict[str, str]]) -> pytest.MarkDecorator:
    data = [*fast, *(pytest.param(given, marks=pytest.mark.slow) for given in slow)]
    return pytest.mark.parametrize("data", data, ids=lambda given: "-".join(given.values()))


@each(
    LORA | {"component": "project"},
    {"component": "frontend"},
    APP,
    fast=[
        LORA | {"component": "model"},
        {"component": "backend"},
        {"component": "database"},
        APP | {"supabase_client": "~/supabase/client"},
    ],
)
def test_copier_copy_gives_the_same_files(
    catalog: Catalog, render: Callable[..., Path], tmp_path: Path, data: dict[str, str]
) -> None:
    ours = render(**data)
    theirs = tmp_path / ours.name
    with local.env(PATH=""):  # without git, which Copier asks about each file
        run_copy(str(catalog.root), theirs, data=data, defaults=True, quiet=True)
    assert _contents(theirs) == _contents(ours)


@pytest.mark.slow
@each(
    fast=[
        LORA | {"component": "project"},
        LORA | {"component": "model"},
        {"component": "backend"},
        {"component": "frontend"},
        {"component": "database"},
        APP,
    ]
)
def test_copier_copy_of_a_release_gives_the_same_files(
    released: Path, render: Callable[..., Path], tmp_path: Path, data: dict[str, str]
) -> None:
    ours = render(**data)
    theirs = tmp_path / ours.name
    run_copy(str(released), theirs, data=data, defaults=True, quiet=True)
    assert _contents(theirs) == _contents(ours)


@pytest.mark.slow
def test_copier_update_works_offline_from_a_bundle(
    released: Path,
    render: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    project = tmp_path / "project"
    shutil.copytree(render(component="project"), project)
    makefile = project / "Makefile"
    makefile.write_text(makefile.read_text() + "\nmine:\n")
    _commit(project)
    repository = tmp_path / "template"
    shutil.copytree(released, repository)
    workflow = "templates/project/.github/workflows/ci.yml"
    newer = (repository / workflow).read_text().replace("name: ci", "name: checks")
    (repository / workflow).write_text(newer)
    _commit(repository, "v0.2.0")
    _git(repository, "bundle", "create", str(tmp_path / "template.bundle"), "--all")

    canonical = SOURCE.replace("gh:", "https://github.com/") + ".git"
    monkeypatch.setenv("COPIER_CACHE_DIR", str(tmp_path / "cache"))
    redirect = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{tmp_path / 'template.bundle'}.insteadOf",
        "GIT_CONFIG_VALUE_0": canonical,
    }
    with local.env(**redirect):
        run_update(
            project, answers_file=".ml-training.yml", defaults=True, overwrite=True, quiet=True
        )

    assert (project / ".github/workflows/ci.yml").read_text() == newer
    assert "mine:" in makefile.read_text()
    answers = (project / ".ml-training.yml").read_text()
    assert f"_commit: v0.2.0\n_src_path: {SOURCE}\n" in answers


@pytest.mark.slow
def test_switching_the_provider_is_one_answer_and_one_update(
    released: Path, render: Callable[..., Path], tmp_path: Path
) -> None:
    project = tmp_path / "project"
    run_copy(str(released), project, data={"project_name": "trades"}, defaults=True, quiet=True)
    config = project / "ml/trade_classifier/config.py"
    config.write_text(config.read_text().replace("Field(30.0", "Field(20.0"))
    _commit(project)
    run_update(
        project,
        data={"provider": "modal"},
        answers_file=".ml-training.yml",
        defaults=True,
        overwrite=True,
        quiet=True,
    )
    switched = _contents(render(component="project", project_name="trades", provider="modal"))
    found = {n: c for n, c in _contents(project).items() if not n.startswith(".git/")}
    assert found.keys() == switched.keys()
    changed = [name for name in found if found[name] != switched[name]]
    assert changed == ["ml/trade_classifier/config.py"]  # what the user wrote is the user's
    assert "Field(20.0" in config.read_text()


def _contents(root: Path) -> dict[str, list[bytes]]:
    """What each file holds, but for where an answers file says that it comes from."""
    return {
        path.relative_to(root).as_posix(): [
            line
            for line in path.read_bytes().splitlines(keepends=True)
            if not line.startswith((b"_commit:", b"_src_path:"))
        ]
        for path in root.rglob("*")
        if path.is_file()
    }


def _commit(repository: Path, tag: str | None = None) -> None:
    _git(repository, "init", "-q")
    _git(repository, "add", "-A")
    _git(repository, *AUTHOR, "commit", "-qm", "release")
    if tag:
        _git(repository, "tag", tag)


def _git(repository: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=repository, check=True)
