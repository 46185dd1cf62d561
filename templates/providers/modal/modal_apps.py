"""What of this model costs money at Modal, by its name: `python cloud.py ps` and `reap`."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from core.errors import ProviderError, UserError
from core.machines import Machine
from core.rental import is_for

OVER = ("stopped", "stopping...")
DEPLOYED = "deployed"
ENDS = 120  # seconds
POLL = 1.0  # seconds
FORGOTTEN = (
    "Modal does not know you: run modal setup, or set MODAL_TOKEN_ID and MODAL_TOKEN_SECRET."
)


class ModalApps:
    """Each training is an app of its own; what is deployed costs money while a container runs."""

    def __init__(self, model: Path | None = None) -> None:
        self._model = (model or Path.cwd()).name

    def rentals(self) -> list[dict[str, Any]]:
        return [
            {"name": app["description"], "id": app["app_id"], "state": app["state"]}
            for app in self._live()
        ]

    def end(self, name: str) -> None:
        """
        Raises:
            ProviderError: It is still there.
        """
        until = time.monotonic() + ENDS
        while apps := [app for app in self._live() if app["description"] == name]:
            if time.monotonic() >= until:
                raise ProviderError(f"{name} is still there: end it in Modal's dashboard.")
            for app in apps:
                _modal("stop", app["app_id"], "--yes")
            time.sleep(POLL)

    def _live(self) -> list[dict[str, str]]:
        apps: list[dict[str, str]] = json.loads(_modal("list", "--json"))
        return [app for app in apps if app["state"] not in OVER and self._is_ours(app)]

    def _is_ours(self, app: dict[str, str]) -> bool:
        name = app["description"]
        if app["state"] == DEPLOYED:
            model = self._model.replace("_", "-").lower()[:40]
            return name in (model, f"{model}-serve") and app["tasks"] != "0"
        return is_for(Machine(app["app_id"], name, app["state"], 0.0), self._model)


def _modal(*arguments: str) -> str:
    """What the command line of Modal prints."""
    command = [sys.executable, "-m", "modal", "app", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0 or "already stopped" in done.stderr:
        return done.stdout
    said = " ".join(done.stderr.split())
    if "oken missing" in said:
        raise UserError(FORGOTTEN)
    raise ProviderError(f"Modal: {said.rstrip('.')}.")
