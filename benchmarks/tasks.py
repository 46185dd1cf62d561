"""Trains every algorithm on its task's sample data and writes docs/tasks.md.

python -m benchmarks.tasks [--task tabular] [--task forecasting]
"""

import argparse
import platform
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ml_training.apply import create
from ml_training.catalog import Catalog, read_catalog
from ml_training.plan import Plan, Questionnaire
from tests.generated import PAIRS, Model, answers, install

PAGE = Path(__file__).parents[1] / "docs" / "tasks.md"
HEAD = """# The tasks, measured

Each algorithm as it is generated, installed and trained with its defaults on its task's sample data, on two
shared CPU cores. `python -m benchmarks.tasks` repeats it; the seconds are those of the whole command.
No model hub was within reach: where a base model is fine-tuned, it is a tiny one with random weights, so
its row shows that the way works, not how good a real one gets.

| task | algorithm | metric | model | baseline | verdict | seconds | date | versions |
|---|---|---|---|---|---|---|---|---|
"""
# By task: its own size, 512 pixels, takes more than 5 minutes on a CPU.
SMALLER = {"image-generation": ("--resolution", "64")}
SHOWN = ("python", "numpy", "platform")  # the same in every row


def train(catalog: Catalog, algorithm: dict[str, Any], folder: Path) -> tuple[Model, float]:
    """Generate the model, install what its lock file names, train it; its run, and the seconds."""
    project = folder / "project"
    given = {"component": "project", **answers(algorithm, folder)}
    create(catalog, Plan(project, Questionnaire(catalog).resolve(given, folder="project")))
    (script,) = (project / "ml").glob("*/train.py")
    python = install(script.parent / "requirements.txt", folder / "venv")
    model = Model(script.parent, folder / "runs", python)
    started = time.perf_counter()
    model.train(*SMALLER.get(algorithm["task"], ()))
    return model, time.perf_counter() - started


def row(task: dict[str, Any], algorithm: dict[str, Any], model: Model, seconds: float) -> str:
    manifest, metric = model.manifest, task["metric"]
    remarks = ["tiny", "random"] if "base_model" in algorithm else []
    if options := SMALLER.get(task["name"]):
        remarks.append(f"`{' '.join(options)}`")
    remark = f" ({', '.join(remarks)})" if remarks else ""
    versions = [f"{n} {v}" for n, v in manifest["environment"].items() if n not in SHOWN]
    verdict = {"good": "better", "bad": "worse", "unclear": "within noise"}
    cells = [
        task["name"],
        f"`{algorithm['name']}`{remark}",
        metric,
        f"{manifest['metrics'][metric]:.4g}",
        f"{manifest['baseline']['metrics'][metric]:.4g} ({manifest['baseline']['name']})",
        verdict[manifest["verdict"]["mood"]],
        f"{seconds:.0f}",
        f"{datetime.now(UTC):%Y-%m-%d}",
        ", ".join(versions),
    ]
    return f"| {' | '.join(cells)} |\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--task", action="append", help="only this one; the other rows stay")
    only = parser.parse_args().task
    catalog = read_catalog()
    tasks = {task["name"]: task for task in catalog.tasks}
    rows = dict(_kept())
    for algorithm in catalog.algorithms:
        task = tasks[algorithm["task"]]
        if only and task["name"] not in only:
            continue
        with tempfile.TemporaryDirectory() as folder:
            line = row(task, algorithm, *train(catalog, algorithm, Path(folder)))
        print(line, end="", flush=True)
        rows[task["name"], algorithm["name"]] = line
        _write([rows[pair] for pair in PAIRS if pair in rows])
    return 0


def _kept() -> Iterator[tuple[tuple[str, str], str]]:
    """The rows that the page has, by task and algorithm."""
    lines = PAGE.read_text("utf-8").splitlines(keepends=True) if PAGE.exists() else []
    for line in lines:
        if found := re.match(r"\| ([a-z0-9-]+) \| `([a-z0-9-]+)`", line):
            yield (found[1], found[2]), line


def _write(rows: list[str]) -> None:
    """After each training, so that what was measured is kept if a later one fails."""
    python = f"Python {platform.python_version()}, {platform.system()}."
    PAGE.write_text(HEAD + "".join(rows) + f"\n{python}\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
