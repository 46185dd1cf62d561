"""Generates the projects in examples/, or checks that they are current: `python -m tools.examples [--check]`."""

import difflib
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from ml_training.apply import create
from ml_training.catalog import Catalog, read_catalog
from ml_training.plan import Plan, Questionnaire

EXAMPLES = Path(__file__).parents[1] / "examples"


def write_examples(catalog: Catalog, folder: Path) -> list[str]:
    """A project for the default task, and a model alone for each of the others."""
    questionnaire = Questionnaire(catalog)
    names: list[str] = []
    default = catalog.questions["task"]["default"]
    for task in sorted(catalog.tasks, key=lambda task: bool(task["name"] != default)):
        given = {"task": task["name"], "component": "model" if names else "project"}
        given |= {"model": task["model"], "algorithm": task["algorithms"][0]["name"]}
        names.append(name := f"{task['model'].replace('_', '-')}-{given['algorithm']}")
        create(catalog, Plan(folder / name, questionnaire.resolve(given, folder=name)))
    return names


def differences(committed: Path, current: Path) -> Iterator[str]:
    paths = {path.relative_to(root) for root in (committed, current) for path in _files(root)}
    for path in sorted(paths):
        old, new = (_lines(root / path) for root in (committed, current))
        name = f"{committed.name}/{path.as_posix()}"
        yield from difflib.unified_diff(old, new, name, name, n=1)


def main(arguments: list[str]) -> int:
    with TemporaryDirectory(dir=EXAMPLES) as folder:
        current = Path(folder)
        names = write_examples(read_catalog(), current)
        if arguments == ["--check"]:
            changes = [line for n in names for line in differences(EXAMPLES / n, current / n)]
            sys.stdout.writelines(changes)
            return 1 if changes else 0
        for name in names:
            shutil.rmtree(EXAMPLES / name, ignore_errors=True)
            (current / name).rename(EXAMPLES / name)
    return 0


def _files(root: Path) -> Iterator[Path]:
    return (path for path in root.rglob("*") if path.is_file())


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines(keepends=True) if path.exists() else []


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
