"""Work out every version that projects and tests install: `python -m tools.lock`.

`templates/requirements/versions.txt` says which versions a project gets; the `requirements*.in`
beside the code say of what.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
REQUIREMENTS = ROOT / "templates" / "requirements"
BACKEND = ROOT / "templates" / "project" / "backend"
# torch names its own builds of these by version; a CPU build of torch wants none of them.
OF_TORCH = ("nvidia-", "cuda-", "triton")
COMPILE = (
    *(sys.executable, "-m", "uv", "pip", "compile", "--quiet"),
    *("--universal", "--python-version", "3.11", "--upgrade"),
    *("--no-header", "--no-annotate", "--no-emit-index-url"),
)


def compile_requirements(sources: list[Path], constraints: Path) -> str:
    """All packages that `sources` come to, one pinned line each, for every platform."""
    command = [*COMPILE, "--constraint", str(constraints), *map(str, sources)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(OF_TORCH))


def main() -> int:
    for_projects = sorted(ROOT.glob("templates/*/*/**/requirements*.in"))
    for_tests = sorted(ROOT.glob("requirements-*.in"))
    everything = REQUIREMENTS / "all.txt"
    everything.write_text(
        compile_requirements([*for_projects, *for_tests], REQUIREMENTS / "versions.txt"), "utf-8"
    )
    for source in [*for_projects, *for_tests]:
        # pyproject.toml is no project's, and every test's; the slow tier runs what every task needs
        also = [ROOT / "pyproject.toml"] if source in for_tests else []
        if source.name == "requirements-slow.in":
            also += [path for path in for_projects if not path.is_relative_to(BACKEND)]
        locked = compile_requirements([source, *also], everything)
        source.with_suffix(".txt").write_text(locked, encoding="utf-8")
        print(source.with_suffix(".txt").relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
