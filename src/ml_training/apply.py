"""The only writer: a plan becomes a folder in one step, or nothing is left of it."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from ml_training.catalog import Catalog
from ml_training.edits import Edit
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
            _commit(folder, plan.target, plan.edits)
    return {name: value for name, value in answers.items() if name[0] != "_"}, files


def write_file(path: Path, text: str) -> None:
    """In one step: whoever reads it meanwhile reads the old text or the new one."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".ml-training-", dir=path.parent) as temporary:
            part = Path(temporary) / path.name
            part.write_text(text, encoding="utf-8", newline="\n")
            part.replace(path)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise TargetProblem(f"{path} cannot be written: {reason}.") from error


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
        raise TargetProblem(f"{error.filename2 or target} cannot be written: {reason}.") from error


def _commit(folder: Path, target: Path, edits: Sequence[Edit]) -> None:
    """Put a folder into its place and change the files beside it: all of it, or nothing."""
    with ExitStack() as undo:
        _move(folder, target)
        undo.callback(_move, target, folder)
        for number, edit in enumerate(edits):
            path = edit.path.resolve()
            if path.read_bytes() != edit.before.encode():
                raise TargetProblem(f"{path} has changed meanwhile: try again.")
            old, new = (folder.parent / f"{number}.{kind}" for kind in ("old", "new"))
            shutil.copy2(path, old)
            shutil.copy2(path, new)  # so that it has the same permissions
            new.write_bytes(edit.after.encode())
            undo.callback(os.replace, old, path)
            new.replace(path)
        undo.pop_all()


def _move(folder: Path, target: Path) -> None:
    if target.exists():  # empty, and perhaps the folder that the user's shell is in
        for path in sorted(folder.iterdir()):
            path.rename(target / path.name)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    folder.rename(target)
