"""Writes what other pages say of the tasks from the tasks' own folders: `python -m tools.pages [--check]`.

A task's `skill.md` becomes its page of the skill; lists of all tasks stand between two comments.
"""

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ml_training.catalog import Catalog, read_catalog
from tools.manifests import ROOT, compare

SKILL = Path("skills/ml-training")
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
LISTS: dict[Path, Callable[[list[Task]], str]] = {
    Path("README.md"): table,
    SKILL / "SKILL.md": links,
}


def pages(catalog: Catalog, root: Path = ROOT) -> dict[Path, str]:
    """The text of each page by its path from the root."""
    texts = {path: _with_list(root / path, write(catalog.tasks)) for path, write in LISTS.items()}
    for task in catalog.tasks:
        page = catalog.root / "templates" / "tasks" / task["name"] / "skill.md"
        texts[SKILL / "references" / f"{task['name']}.md"] = page.read_text(encoding="utf-8")
    return texts


def differences() -> Iterator[str]:
    for path, text in pages(read_catalog()).items():
        yield from compare(path, text)


def main(arguments: list[str]) -> int:
    if arguments == ["--check"]:
        changes = list(differences())
        sys.stdout.writelines(changes)
        return 1 if changes else 0
    for path, text in pages(read_catalog()).items():
        (ROOT / path).write_text(text, encoding="utf-8", newline="\n")
    return 0


def _with_list(path: Path, tasks: str) -> str:
    text, count = LIST.subn(lambda _: tasks, path.read_text(encoding="utf-8"), count=1)
    assert count == 1, f"{path}: has no <!-- tasks --> and <!-- end of tasks -->"
    return text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
