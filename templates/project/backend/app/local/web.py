"""The web pages of the project, where they lie beside the backend: Next.js, as developers run it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from app.core.settings import Settings
from app.local.services import Family, Service

NEXT = Path("node_modules/next/dist/bin/next")


def web_service(settings: Settings) -> Service | None:
    """The server of the pages; where they are not installed, the terminal says how they are."""
    folder = settings.web_dir.resolve()
    if not (folder / "package.json").is_file():
        return None
    node = _find_node()
    if node is None or not (folder / NEXT).is_file():
        print(f"No web pages: {folder} is not installed. make setup does it.", flush=True)
        return None
    where = ["--hostname", settings.host, "--port", str(settings.web_port)]
    return Family("web", [node, str(NEXT), "dev", *where], folder, _environment(settings))


def _find_node() -> str | None:
    places = [str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]
    node = shutil.which("node", path=os.pathsep.join(places))
    if node is None:
        return None
    # PyPI's is a Python program that starts the real one, which signals would not reach.
    return subprocess.check_output([node, "-p", "process.execPath"], text=True).strip()


def _environment(settings: Settings) -> dict[str, str]:
    return {
        "ML_API_URL": f"http://127.0.0.1:{settings.port}",
        "NEXT_TELEMETRY_DISABLED": "1",
        "SUPABASE_URL": settings.supabase_url or "",
        "SUPABASE_PUBLISHABLE_KEY": settings.supabase_publishable_key or "",
    }
