"""A rented machine at work, seen from here: parcels go there, an order starts, its log comes here."""

import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core.machines import HOME
from core.parcel import Parcel
from core.rest import Clock
from core.shell import Shell, Unreachable

POLL = 5.0  # seconds between two looks
SILENCE = 15 * 60  # seconds without an answer after which a machine is given up
# Whatever Python the machine has: uv brings one that is new enough.
INSTALL = (
    'export PATH="$HOME/.local/bin:$PATH"',
    "command -v uv >/dev/null || curl -LsSf https://astral.sh/uv/install.sh | sh",
    "uv venv --quiet --python '>=3.11' .venv",
    "uv pip install --quiet --python .venv/bin/python {requirements}",
)


class Remote:
    """
    Args:
        pause: Waits so many seconds; raises what interrupts it.
    """

    def __init__(self, shell: Shell, *, clock: Clock, pause: Callable[[float], None]) -> None:
        self.shell = shell
        self.clock = clock
        self.pause = pause
        self._log = 0  # bytes that were shown

    def send(self, parcels: Sequence[Parcel]) -> None:
        """Send what is not there; what breaks off goes on where it ended."""
        wanted = {parcel.name: parcel.sha256 for parcel in parcels}
        until = self.clock.time() + SILENCE
        while True:
            try:
                offsets = self.shell.ask("offsets", given=wanted)
                missing = [parcel for parcel in parcels if offsets[parcel.name] >= 0]
                for parcel in missing:
                    with parcel.path.open("rb") as file:
                        start = file.seek(offsets[parcel.name])
                        self.shell.send(file, "put", parcel.name, parcel.sha256, str(start))
                if not missing:
                    return
            except Unreachable:
                if self.clock.time() >= until:
                    raise
            self.pause(POLL)

    def order(
        self,
        folder: str,
        parcels: Sequence[Parcel],
        words: Sequence[str],
        *,
        requirements: Sequence[str],
        environment: Mapping[str, str],
        ends_with_us: bool = False,
    ) -> None:
        """Unpack, install, and run `python WORDS` in the folder; however often it is asked, once.

        Args:
            ends_with_us: Whether it is of no use once nobody asks for it.
        """
        unpack = [f"tar -xf {parcel.name}" for parcel in parcels]
        files = " ".join(f"-r {name}" for name in requirements)
        install = [line.format(requirements=files) for line in INSTALL]
        run = f"exec .venv/bin/python {shlex.join(words)}"
        lines = ["set -e", *unpack, f"cd {shlex.quote(folder)}", *install, run]
        order = {
            "command": "\n".join(lines),
            "environment": {"RUNS_FILE": f"{HOME}/runs.txt", **environment},
            "ends_with_us": ends_with_us,
        }
        self.shell.ask("start", given=order)

    def look(self) -> dict[str, Any]:
        """Show what is new of the log; the state."""
        state: dict[str, Any] = self.shell.ask("state")
        if state["log"] > self._log:
            for chunk in self.shell.read("read_log", str(self._log)):
                self._log += len(chunk)
                sys.stdout.buffer.write(chunk)
            sys.stdout.flush()
        return state
