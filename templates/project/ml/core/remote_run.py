"""A training on a rented machine, seen from here: what it needs goes there, what it leaves comes here."""

import os
import shlex
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from core.errors import ArtifactError, ProviderError
from core.machines import HOME
from core.mirror import Mirror, Version
from core.parcel import Packer, Parcel
from core.records import has_checkpoint
from core.rental import KEYS, Rental
from core.rest import Clock
from core.shell import Shell, Unreachable

POLL = 5.0  # seconds between two looks
SILENCE = 15 * 60  # seconds without an answer after which a machine is given up
STOPS = 10 * 60  # seconds for a last checkpoint
CHECKPOINTS = 5 * 60  # seconds between two looks for a new one
PASSED_ON = ("HF_TOKEN",)  # environment variables that a training may need
# Whatever Python the machine has: uv brings one that is new enough.
INSTALL = (
    'export PATH="$HOME/.local/bin:$PATH"',
    "command -v uv >/dev/null || curl -LsSf https://astral.sh/uv/install.sh | sh",
    "uv venv --quiet --python '>=3.11' .venv",
    "uv pip install --quiet --python .venv/bin/python -r requirements.txt",
)


class RemoteRun:
    """
    Args:
        cost: USD of the job so far.
        pause: Waits so many seconds; raises what interrupts it.
    """

    def __init__(
        self,
        shell: Shell,
        run: Path,
        rental: Rental,
        *,
        clock: Clock,
        pause: Callable[[float], None],
    ) -> None:
        self.shell = shell
        self.run = run
        self.rental = rental
        self._clock = clock
        self._pause = pause
        self._log = 0  # bytes that were shown
        self._run_there = ""
        self._folder = ""
        self.mirror = Mirror(run, self, lambda: rental.cost(clock.time()))

    # The files of the run there, for the mirror.

    def versions(self) -> dict[str, Version]:
        found = self.shell.ask("versions", self._run_there) if self._run_there else {}
        return {name: Version(*facts) for name, facts in found.items()}

    def read(self, path: str, start: int) -> Iterator[bytes]:
        return self.shell.read("get", f"{self._run_there}/{path}", str(start))

    # What happens to it.

    def start(self, sources: list[str], arguments: Callable[[bool], list[str]]) -> None:
        """Send it and start it, unless that was done.

        Args:
            sources: Files and folders that it reads.
            arguments: Of train.py, for a run that goes on or not.
        """
        packer = Packer(Path.cwd(), sources, self.run / KEYS)
        self._folder = packer.folder
        if self.shell.ask("state")["started"]:
            return
        goes_on = has_checkpoint(self.run)
        events = self.run / "events.jsonl"
        known = events.stat().st_size if goes_on else 0
        parcels = packer.pack(self.run if goes_on else None)
        self._send(parcels)
        self.mirror.start_at(known, "sent", bytes=sum(parcel.size for parcel in parcels))
        train = self._python(arguments(goes_on))
        unpack = [f"tar -xf {parcel.name}" for parcel in parcels]
        enter = f"cd {shlex.quote(packer.folder)}"
        environment = {"RUNS_FILE": f"{HOME}/runs.txt"}
        environment |= {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        command = "\n".join(["set -e", *unpack, enter, *INSTALL, f"exec {train}"])
        self.shell.ask("start", given={"command": command, "environment": environment})

    def follow(self) -> int | None:
        """Mirror it until it has ended; its exit code, None where it was killed.

        Raises:
            Unreachable: The machine has not answered for too long.
        """
        heard = saved = self._clock.time()
        while True:
            try:
                state = self.look()
                heard = self._clock.time()
                if not state["running"]:
                    code: int | None = state["exit_code"]
                    return code
                if self._clock.time() - saved >= CHECKPOINTS:
                    saved = self._clock.time()
                    self.mirror.save_checkpoints()
            except Unreachable:
                if self._clock.time() - heard >= SILENCE:
                    raise
            self._pause(POLL)

    def look(self) -> dict[str, Any]:
        """Bring log and events up to now; the state."""
        state: dict[str, Any] = self.shell.ask("state")
        if state["runs"]:
            self._run_there = f"{self._folder}/{state['runs'][-1]}"
        if state["log"] > self._log:
            for chunk in self.shell.read("read_log", str(self._log)):
                self._log += len(chunk)
                sys.stdout.buffer.write(chunk)
            sys.stdout.flush()
        self.mirror.follow_events()
        return state

    def stop(self) -> None:
        """Let it keep a checkpoint and end, and bring the checkpoint."""
        self.shell.ask("stop")
        until = self._clock.time() + STOPS
        while self.look()["running"] and self._clock.time() < until:
            self._clock.sleep(POLL)
        self.mirror.save_checkpoints()

    def fetch_artifact(self) -> None:
        """Bring the artifact and check it; what breaks off goes on where it ended."""
        until = self._clock.time() + SILENCE
        while True:
            try:
                return self.mirror.fetch_artifact()
            except (ArtifactError, ProviderError):
                if self._clock.time() >= until:
                    raise
                self._pause(POLL)

    # Details.

    def _python(self, arguments: list[str]) -> str:
        count = self.rental.gpus
        several = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={count}"]
        words = [".venv/bin/python", *(several if count > 1 else []), "train.py", *arguments]
        return shlex.join(words)

    def _send(self, parcels: list[Parcel]) -> None:
        """Send what is not there; what breaks off goes on where it ended."""
        wanted = {parcel.name: parcel.sha256 for parcel in parcels}
        until = self._clock.time() + SILENCE
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
                if self._clock.time() >= until:
                    raise
            self._pause(POLL)
