"""The only writer: a plan becomes a folder in one step, or nothing is left of it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from ml_training.catalog import Catalog
from ml_training.errors import TargetProblem
from ml_training.plan import Answers, Plan
from ml_training.template import render


def create(catalog: Catalog, plan: Plan, *, dry_run: bool = False) -> tuple[Answers, list[str]]:
    """Write a plan, or only try it; the answers and the files that came of it."""
    with _staging(plan.target) as folder:
        render(catalog, plan, folder)
        for path, source in plan.copies.items():
            shutil.copytree(source, folder / path)
        files = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
        answers = yaml.safe_load((folder / catalog.config["_answers_file"]).read_bytes())
        if not dry_run:
            _move(folder, plan.target)
    return {name: value for name, value in answers.items() if name[0] != "_"}, files


def refuse_occupied(target: Path) -> None:
    if target.is_dir() and not any(target.iterdir()):
        return
    if target.exists() or target.is_symlink():
        kind = "not empty" if target.is_dir() else "not a folder"
        raise TargetProblem(f"{target} is {kind}: choose another folder.")


@contextmanager
def _staging(target: Path) -> Iterator[Path]:
    """An empty folder with the target's name, on the target's disk, gone afterwards."""
    refuse_occupied(target)
    parent = next(path for path in target.parents if path.exists())
    try:
        with TemporaryDirectory(prefix=".ml-training-", dir=parent) as temporary:
            yield Path(temporary) / target.name
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise TargetProblem(f"{target} cannot be written: {reason}.") from error


def _move(folder: Path, target: Path) -> None:
    if target.exists():  # empty, and perhaps the folder that the user's shell is in
        for path in sorted(folder.iterdir()):
            path.rename(target / path.name)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    folder.rename(target)
