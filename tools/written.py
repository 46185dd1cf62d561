"""Files of this repository that are written from others: what the tools that write them share."""

import difflib
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]

Texts = Mapping[str, str]  # what each file holds, by its path from the root


def differences(texts: Texts) -> Iterator[str]:
    """What would change if they were written now."""
    for name, text in texts.items():
        path = ROOT / name
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        yield from difflib.unified_diff(
            old.splitlines(keepends=True), text.splitlines(keepends=True), name, name, n=1
        )


def write(texts: Texts, arguments: list[str]) -> int:
    """Write them, or with `--check` print what would change; the exit code."""
    if arguments == ["--check"]:
        changes = list(differences(texts))
        sys.stdout.writelines(changes)
        return 1 if changes else 0
    for name, text in texts.items():
        path = ROOT / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    return 0
