"""Decides, from their texts alone, what changes in the files of a Next.js app that gets the pages."""

import difflib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ml_training.errors import TargetProblem
from ml_training.host import Host

OF_THE_APP = {"geist", "next", "react", "react-dom"}  # the app's matter, not its pages'
OLDEST = {"next": 15, "tailwindcss": 4}
TAILWIND = re.compile(r"""^[ \t]*@import\s+(["'])tailwindcss\1[^;]*;""", re.MULTILINE)
TOKENS = re.compile(r"--color-primary\s*:")  # shadcn's
MARKS = re.compile(r"[\s,:]*")


@dataclass(frozen=True)
class Edit:
    root: Path
    name: str
    before: str
    after: str

    @property
    def path(self) -> Path:
        return self.root / self.name

    @property
    def diff(self) -> str:
        old, new = (text.splitlines(keepends=True) for text in (self.before, self.after))
        return "".join(difflib.unified_diff(old, new, self.name, self.name, n=1))


def edits_of(host: Host, package: str) -> list[Edit]:
    """What the app must have beside the pages; `package` is that of an app of their own.

    Raises:
        TargetProblem: The app is too old, or has something in a version that does not go.
    """
    needed = needed_dependencies(package)
    edits = [_edit_package(host, needed), _edit_style(host)]
    return [edit for edit in edits if edit.before != edit.after]


def needed_dependencies(package: str) -> dict[str, str]:
    """What the pages import, by the package.json of an app of their own."""
    ours: dict[str, str] = json.loads(package)["dependencies"]
    return {name: version for name, version in ours.items() if name not in OF_THE_APP}


def add_dependencies(package: str, added: Mapping[str, str]) -> str:
    """The text of a package.json with more dependencies, laid out as npm does it."""
    if not added:
        return package
    start, end = _span(package, "dependencies")
    present: dict[str, str] = json.loads(package[start:end])
    indent = found[1] if (found := re.search(r"\n([ \t]+)", package)) else "  "
    newline = _newline(package)
    lines = [
        f"{indent * 2}{json.dumps(name)}: {json.dumps(version, ensure_ascii=False)}"
        for name, version in sorted({**present, **added}.items())
    ]
    body = f",{newline}".join(lines)
    return f"{package[:start]}{{{newline}{body}{newline}{indent}}}{package[end:]}"


def add_import(style: str, path: str) -> str:
    """The text of a CSS file that imports one more, right behind Tailwind."""
    tailwind = TAILWIND.search(style)
    assert tailwind, "the style is one that imports Tailwind"
    quote, end = tailwind[1], tailwind.end()
    line = f"@import {quote}{path}{quote};"
    if line in style:
        return style
    return style[:end] + _newline(style) + line + style[end:]


def _edit_package(host: Host, needed: Mapping[str, str]) -> Edit:
    name = "package.json"
    present = _versions(host.package)
    for dependency, oldest in OLDEST.items():
        _refuse_old(host.root / name, dependency, present.get(dependency), oldest)
    _refuse_others(host.root / name, present, needed)
    missing = {name: version for name, version in needed.items() if name not in present}
    return Edit(host.root, name, host.package, add_dependencies(host.package, missing))


def _edit_style(host: Host) -> Edit:
    path, text = _global_style(host)
    theme = Path(os.path.relpath(host.pages / "theme.css", path.parent)).as_posix()
    relative = theme if theme.startswith("../") else f"./{theme}"
    has_tokens = any(TOKENS.search(style) for style in host.styles.values())
    after = text if has_tokens else add_import(text, relative)
    return Edit(host.root, path.relative_to(host.root).as_posix(), text, after)


def _refuse_old(package: Path, name: str, version: str | None, oldest: int) -> None:
    if version is None or max(_majors(version), default=oldest) < oldest:
        has = f"{name} {version}" if version else f"no {name}"
        raise TargetProblem(f"{package} has {has}: install version {oldest} or newer first.")


def _refuse_others(package: Path, present: Mapping[str, str], needed: Mapping[str, str]) -> None:
    others = [
        f"{name} {present[name]} instead of {version}"
        for name, version in needed.items()
        if (majors := _majors(present.get(name, ""))) and not majors & _majors(version)
    ]
    if others:
        raise TargetProblem(f"{package} has {', '.join(others)}: change the major version first.")


def _global_style(host: Host) -> tuple[Path, str]:
    for path, text in host.styles.items():
        if found := TAILWIND.search(text):
            if "prefix(" in found[0]:
                raise TargetProblem(f"{path} gives Tailwind a prefix: the pages need it without.")
            return path, text
    raise TargetProblem(f'{host.root} has no CSS file with @import "tailwindcss": add it first.')


def _versions(package: str) -> dict[str, str]:
    tables = json.loads(package)
    return {**tables.get("devDependencies", {}), **tables["dependencies"]}


def _majors(wanted: str) -> set[int]:
    """The major versions of a range; none where only the registry or a workspace knows."""
    parts = (re.match(r"\s*(?:npm:.+@)?[\s^~>=v]*(\d+)", part) for part in wanted.split("||"))
    return {int(part[1]) for part in parts if part}


def _span(package: str, name: str) -> tuple[int, int]:
    """Where the value of a member of a JSON object begins and ends."""
    decoder = json.JSONDecoder()
    position = package.index("{") + 1
    while True:
        key, position = decoder.raw_decode(package, _skip_marks(package, position))
        start = _skip_marks(package, position)
        _, position = decoder.raw_decode(package, start)
        if key == name:
            return start, position


def _skip_marks(package: str, position: int) -> int:
    found = MARKS.match(package, position)
    return found.end() if found else position


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"
