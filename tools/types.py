"""Type-check the template's files in place, as each generated model would see them: `python -m tools.types`."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from ml_training.catalog import read_catalog

ROOT = Path(__file__).parents[1]
TEMPLATES = ROOT / "templates"
CORE = TEMPLATES / "project" / "ml"
BACKEND = TEMPLATES / "project" / "backend"
MYPY = (sys.executable, "-m", "mypy")
Job = tuple[str, list[Path], list[Path]]  # a name, the folders of the modules, the files to check


def model_folders(task: str, algorithm: str, provider: str) -> list[Path]:
    """Where a model's modules come from, the first wins."""
    own = TEMPLATES / "tasks" / task
    return [own / algorithm, own, TEMPLATES / "providers" / provider, CORE / "@{ model }@"]


def model_files(folders: list[Path], others: set[str]) -> list[Path]:
    """What a model gets of its folders, without the files that only others of its task have."""
    found: dict[str, Path] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.py")):
            found.setdefault(path.name, path)
    return [path for name, path in found.items() if name not in others]


def files_of_others(task: dict[str, Any], algorithm: str) -> set[str]:
    listed = {item["name"]: set(item.get("files", [])) for item in task["algorithms"]}
    own = listed.pop(algorithm)
    return {name for files in listed.values() for name in files} - own


def check(name: str, folders: list[Path], files: list[Path], cache: Path) -> bool:
    path = os.pathsep.join(map(str, [*folders, CORE]))
    untyped = ("diffusers", "torch", "transformers")
    command = [*MYPY, "--strict", "--ignore-missing-imports", f"--cache-dir={cache}"]
    command += [f"--untyped-calls-exclude={package}" for package in untyped]
    command += ["--explicit-package-bases", "--config-file=", *map(str, files)]
    done = subprocess.run(
        command, env=os.environ | {"MYPYPATH": path}, capture_output=True, text=True, check=False
    )
    print(f"{name}: {done.stdout}{done.stderr}", end="", flush=True)
    return done.returncode == 0


def check_all(jobs: list[Job], cache: Path) -> bool:
    passed = [check(*job, cache) for job in jobs]
    return all(passed)


def check_backend() -> bool:
    return subprocess.run(MYPY, cwd=BACKEND, check=False).returncode == 0  # its pyproject says how


def main() -> int:
    catalog = read_catalog()
    jobs: list[Job] = [("core", [], sorted((CORE / "core").glob("*.py")))]
    pairs = [(task, item["name"]) for task in catalog.tasks for item in task["algorithms"]]
    for first, provider in enumerate(catalog.providers):
        # A provider knows nothing of a task: all pairs at one of them, one pair at the others.
        for task, algorithm in pairs if first == 0 else pairs[:1]:
            folders = model_folders(task["name"], algorithm, provider["name"])
            files = model_files(folders, files_of_others(task, algorithm))
            jobs.append((f"{task['name']} {algorithm} {provider['name']}", folders, files))
    count = os.cpu_count() or 1
    # A share for each core, which keeps what it has read of the libraries.
    shares = [(jobs[n::count], ROOT / f".mypy_cache/{n}") for n in range(count)]
    with ThreadPoolExecutor(count) as pool:
        passed = [*pool.map(check_all, *zip(*shares, strict=True)), check_backend()]
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
