"""Writes what other pages say of the tasks from the tasks' own folders: `python -m tools.pages [--check]`.

A task's `skill.md` becomes its page of the skill; lists of all tasks stand between two comments.
"""

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ml_training.catalog import Catalog, read_catalog
from tools.written import ROOT, write

SKILL = "skills/ml-training"
LIST = re.compile(r"(?s)(?<=<!-- tasks -->\n).*?(?= *<!-- end of tasks -->)")

Task = dict[str, Any]


def table(tasks: list[Task]) -> str:
    lines = ["| task | algorithms |", "|---|---|"]
    for task in tasks:
        names = ", ".join(f"`{algorithm['name']}`" for algorithm in task["algorithms"])
        lines.append(f"| `{task['name']}`: {task['summary']} | {names} |")
    return "".join(f"{line}\n" for line in lines)


def links(tasks: list[Task]) -> str:
    return "".join(
        f"   - [{task['name']}](references/{task['name']}.md): {task['summary']}\n"
        for task in tasks
    )


# A page that lists the tasks gets a line here, and the two comments.
LISTS: dict[str, Callable[[list[Task]], str]] = {
    "README.md": table,
    f"{SKILL}/SKILL.md": links,
}


def pages(catalog: Catalog) -> dict[str, str]:
    """The text of each page by its path."""
    texts = {path: _with_list(ROOT / path, listed(catalog.tasks)) for path, listed in LISTS.items()}
    for task in catalog.tasks:
        page = catalog.root / "templates" / "tasks" / task["name"] / "skill.md"
        texts[f"{SKILL}/references/{task['name']}.md"] = page.read_text(encoding="utf-8")
    return texts


def _with_list(path: Path, tasks: str) -> str:
    text, count = LIST.subn(lambda _: tasks, path.read_text(encoding="utf-8"), count=1)
    assert count == 1, f"{path}: has no <!-- tasks --> and <!-- end of tasks -->"
    return text


if __name__ == "__main__":
    sys.exit(write(pages(read_catalog()), sys.argv[1:]))
