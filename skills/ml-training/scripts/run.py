"""The `ml-training` command, straight from the plugin's own folder: `python3 run.py --help`.

The first call downloads the packages that the command needs into the user's cache, once.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from shutil import which

PLUGIN = Path(__file__).resolve().parents[3]
OLDEST = (3, 11)
NOT_SET_UP = 5


def packages() -> Path:
    """The folder with what the command needs, filled on the first call."""
    import tomllib  # not there in a Python that is too old

    project = tomllib.loads((PLUGIN / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = project["dependencies"]
    digest = hashlib.sha256("\n".join(wanted).encode()).hexdigest()[:12]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ml-training"
    folder = cache / f"{sys.implementation.cache_tag}-{digest}"
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        print(f"Once only: downloading packages to {folder}", file=sys.stderr)
        with tempfile.TemporaryDirectory(dir=cache) as parts:
            install(wanted, staged := Path(parts) / "packages")
            publish(staged, folder)
    return folder


def install(wanted: list[str], folder: Path) -> None:
    command = [*installer(), "--target", str(folder), *wanted]
    if subprocess.run(command, stdout=sys.stderr, check=False).returncode:
        fail("The packages of ml-training cannot be installed; the reason is above.")


def installer() -> list[str]:
    if not find_spec("pip") and which("uv"):  # uv makes environments without pip
        return ["uv", "pip", "install", "--quiet", "--python", sys.executable]
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-qq", "install"]
    return [*pip, "--no-warn-conflicts", "--root-user-action=ignore"]


def publish(staged: Path, folder: Path) -> None:
    try:
        staged.rename(folder)
    except OSError:  # another call was first
        if not folder.is_dir():
            raise


def fail(sentence: str) -> None:
    print(f"error: {sentence}", file=sys.stderr)
    sys.exit(NOT_SET_UP)


if __name__ == "__main__":
    if sys.version_info < OLDEST:
        fail(f"Python {OLDEST[0]}.{OLDEST[1]} or newer is needed: call this file with one.")
    sys.path[:0] = [str(PLUGIN / "src"), str(packages())]
    sys.argv[0] = "ml-training"

    from ml_training.cli import main

    main()
