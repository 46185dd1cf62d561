"""Work out every version that a generated project installs: `python -m tools.lock`.

`templates/requirements/versions.txt` says which; the `requirements*.in` beside the code say what.
"""

import subprocess
import sys
from pathlib import Path

TEMPLATES = Path(__file__).parent.parent / "templates"
VERSIONS = TEMPLATES / "requirements" / "versions.txt"
# torch names its own builds of these by version; a CPU build of torch wants none of them.
OF_TORCH = ("nvidia-", "cuda-", "triton")
COMPILE = (
    *("uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"),
    *("--no-header", "--no-annotate", "--no-emit-index-url"),
)


def compile_requirements(sources: list[Path], constraints: Path | str) -> str:
    """All packages that `sources` come to, one pinned line each, for every platform."""
    command = [*COMPILE, "--constraint", str(constraints), *map(str, sources)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(OF_TORCH))


def main() -> int:
    sources = sorted(TEMPLATES.glob("*/*/**/requirements*.in"))
    everything = TEMPLATES / "requirements" / "all.txt"
    everything.write_text(compile_requirements(sources, VERSIONS), encoding="utf-8")
    for source in sources:
        source.with_suffix(".txt").write_text(
            compile_requirements([source], everything), encoding="utf-8"
        )
        print(source.with_suffix(".txt").relative_to(TEMPLATES))
    return 0


if __name__ == "__main__":
    sys.exit(main())
