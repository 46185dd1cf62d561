"""The description of the interface as a file, for those who make clients of it: `python -m app.openapi`."""

import argparse
import json
import sys
from pathlib import Path

from app.core.settings import Settings
from app.main import create_app


def description() -> str:
    """The same for the same routes, whatever the environment says."""
    app = create_app(Settings.model_construct())
    return json.dumps(app.openapi(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description="Print the description of the interface.")
    parser.add_argument("--check", metavar="FILE", type=Path, help="fail if FILE is another one")
    file: Path | None = parser.parse_args().check
    if file is None:
        sys.stdout.buffer.write(description().encode())
        return 0
    if file.is_file() and file.read_text(encoding="utf-8") == description():
        return 0
    print(f"{file} is out of date: python -m app.openapi prints the current one.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
