"""Run scripts of the web pages in a copy of them, as a project does: `python -m tools.web check test`.

Not in place: Copier would look at each file of node_modules whenever a test renders a project.
"""

import filecmp
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "templates" / "project" / "frontend"
COPY = ROOT / "build" / "web"
LOCK = "package-lock.json"
KEPT = ("node_modules", ".next")  # what is made from the others, slowly


def update_copy() -> bool:
    """Make the copy the same as the pages; whether it has what they need already."""
    COPY.mkdir(parents=True, exist_ok=True)
    installed = COPY / "node_modules" / ".package-lock.json"  # npm's own, written last
    is_same = (COPY / LOCK).is_file() and filecmp.cmp(PAGES / LOCK, COPY / LOCK, shallow=False)
    for path in COPY.iterdir():
        if path.name not in KEPT:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    ignored = shutil.ignore_patterns("*.jinja", *KEPT)
    shutil.copytree(PAGES, COPY, ignore=ignored, dirs_exist_ok=True)
    return is_same and installed.is_file()


def install() -> Path:
    """The copy, the same as the pages, with all that they need."""
    if not update_copy():
        npm("ci", "--no-audit", "--no-fund")
    return COPY


def npm(*words: str) -> None:
    """Node's, that of the interpreter's environment first."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    program = shutil.which("npm", path=path) or "npm"
    subprocess.run([program, *words], cwd=COPY, env=os.environ | {"PATH": path}, check=True)


def main(scripts: list[str]) -> int:
    try:
        install()
        for script in scripts:
            npm("run", script)
    except subprocess.CalledProcessError as error:
        return error.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
