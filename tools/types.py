"""Type-check the template's files in place, as each generated model would see them: `python -m tools.types`."""

import os
import subprocess
import sys
from pathlib import Path

from ml_training.catalog import read_catalog

TEMPLATES = Path(__file__).parents[1] / "templates"
CORE = TEMPLATES / "project" / "ml"
BACKEND = TEMPLATES / "project" / "backend"


def model_folders(task: str, algorithm: str, provider: str) -> list[Path]:
    """Where a model's modules come from, the first wins."""
    own = TEMPLATES / "tasks" / task
    return [own / algorithm, own, TEMPLATES / "providers" / provider, CORE / "@{ model }@"]


def model_files(folders: list[Path]) -> list[Path]:
    found: dict[str, Path] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.py")):
            found.setdefault(path.name, path)
    return list(found.values())


def check(folders: list[Path], files: list[Path]) -> int:
    path = os.pathsep.join(map(str, [*folders, CORE]))
    command = [sys.executable, "-m", "mypy", "--strict", "--ignore-missing-imports"]
    untyped = ("diffusers", "torch", "transformers")
    command += [f"--untyped-calls-exclude={package}" for package in untyped]
    command += ["--explicit-package-bases", "--config-file=", *map(str, files)]
    return subprocess.run(command, env=os.environ | {"MYPYPATH": path}, check=False).returncode


def check_backend() -> int:
    command = [sys.executable, "-m", "mypy"]  # its pyproject.toml says the rest
    return subprocess.run(command, cwd=BACKEND, check=False).returncode


def main() -> int:
    catalog = read_catalog()
    results = [check([], sorted((CORE / "core").glob("*.py"))), check_backend()]
    for provider in catalog.providers:
        for algorithm in catalog.algorithms:
            folders = model_folders(algorithm["task"], algorithm["name"], provider["name"])
            results.append(check(folders, model_files(folders)))
    return max(results)


if __name__ == "__main__":
    sys.exit(main())
