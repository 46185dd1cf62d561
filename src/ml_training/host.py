"""Reads a Next.js app that the user has, as far as the web pages must know it."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ml_training.errors import TargetProblem

ROUTE = "ml"  # the one folder of the app that is ours
NOT_SOURCE = {"node_modules", "public", "build", "dist", "out"}
CLIENTS = ("lib/supabase/client", "utils/supabase/client")  # as Supabase's guides name them
EXPORTS_CLIENT = re.compile(r"export\s+(?:(?:const|function)\s+|\{[^}]*\b)createClient\b")
STRING_OR_COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/|,(?=\s*[}\]])', re.DOTALL)


@dataclass(frozen=True)
class Host:
    root: Path
    app: Path  # the folder of its routes
    package: str  # package.json
    aliases: Mapping[str, Path]  # how an import starts -> where it leads
    styles: Mapping[Path, str]  # its CSS files, those on top first

    @property
    def pages(self) -> Path:
        return self.app / ROUTE

    @property
    def answers(self) -> dict[str, str]:
        """What need not be asked."""
        client = supabase_client(self)
        return {"component": "frontend", "next_app": "existing", "supabase_client": client}


def find_host(target: Path, given: Mapping[str, str], *, ask: bool) -> Host | None:
    """The Next.js app that the pages shall go into, if it is one that exists.

    On a terminal, what goes into such an app need not be said: nothing else can.

    Raises:
        TargetProblem: There is none where one is needed, or it cannot take the pages.
    """
    component = given.get("component", "frontend" if ask else None)
    if component != "frontend" or given.get("next_app") == "new":
        return None
    root = find_root(target)
    if root:
        return _with_room(read_host(root))
    if given.get("next_app") == "existing":
        raise TargetProblem(f"{target} is not app/{ROUTE} of a Next.js app: name the app's folder.")
    return None


def find_root(folder: Path) -> Path | None:
    """The Next.js app that a folder is, or whose route it is, as app/ml or src/app/ml."""
    candidates = [folder]
    if folder.parts[-2:] == ("app", ROUTE):
        above = folder.parents[1]
        candidates.append(above.parent if above.name == "src" else above)
    return next((path for path in candidates if _is_next_app(path)), None)


def read_host(root: Path) -> Host:
    """Read the app.

    Raises:
        TargetProblem: It has no App Router, no TypeScript, or files that cannot be read.
    """
    folders = [root / "app", root / "src" / "app"]  # Next.js looks for them in this order
    app = next((folder for folder in folders if folder.is_dir()), None)
    if app is None:
        raise TargetProblem(f"{root} has no App Router: make the folder app or src/app first.")
    settings = root / "tsconfig.json"
    if not settings.is_file():
        raise TargetProblem(f"{root} has no tsconfig.json: add TypeScript to the app first.")
    return Host(
        root=root,
        app=app,
        package=_text(root / "package.json"),
        aliases=_aliases(settings),
        styles={path: _text(path) for path in _styles(root)},
    )


def supabase_client(host: Host) -> str:
    """How a module in the pages imports the app's `createClient()`; empty where there is none."""
    for name in CLIENTS:
        for folder in (host.root, host.root / "src"):
            path = folder / name
            sources = [path.with_suffix(suffix) for suffix in (".ts", ".tsx")]
            if any(source.is_file() and EXPORTS_CLIENT.search(_text(source)) for source in sources):
                return _import_path(host, path)
    return ""


def _with_room(host: Host) -> Host:
    if host.pages.is_dir() and any(host.pages.iterdir()):
        raise TargetProblem(f"{host.pages} is not empty, and the pages go there: rename it first.")
    return host


def _import_path(host: Host, module: Path) -> str:
    for start, folder in host.aliases.items():
        if module.is_relative_to(folder):
            return start + module.relative_to(folder).as_posix()
    return Path(os.path.relpath(module, host.pages / "_lib")).as_posix()


def _aliases(settings: Path) -> dict[str, Path]:
    """What `paths` of a tsconfig.json maps as a whole, such as "@/*": ["./src/*"]."""
    options = _parse(settings, _without_comments(_text(settings))).get("compilerOptions", {})
    base = settings.parent / options.get("baseUrl", ".")
    return {
        alias.removesuffix("*"): Path(os.path.normpath(base / target.removesuffix("*")))
        for alias, targets in options.get("paths", {}).items()
        for target in targets[:1]
        if alias.endswith("/*") and target.endswith("/*")
    }


def _is_next_app(folder: Path) -> bool:
    path = folder / "package.json"
    return path.is_file() and "next" in _parse(path, _text(path)).get("dependencies", {})


def _styles(root: Path) -> list[Path]:
    found: list[Path] = []
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name not in NOT_SOURCE and name[0] != "."]
        found += [Path(folder, name) for name in files if name.endswith(".css")]
    return sorted(found, key=lambda path: (len(path.parts), path))


def _without_comments(text: str) -> str:
    """JSON from what TypeScript takes: comments go first, then the commas that they stood behind."""
    for _ in range(2):
        text = STRING_OR_COMMENT.sub(lambda match: match[1] or "", text)
    return text


def _parse(path: Path, text: str) -> dict[str, Any]:
    try:
        parsed = json.loads(text)
    except ValueError as error:
        raise TargetProblem(f"{path} is not JSON ({error}): mend it first.") from error
    if not isinstance(parsed, dict):
        raise TargetProblem(f"{path} is not a JSON object: mend it first.")
    return parsed


def _text(path: Path) -> str:
    """The text of a file, its line ends as they are."""
    try:
        return path.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise TargetProblem(f"{path} cannot be read: {error}.") from error
