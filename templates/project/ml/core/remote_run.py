"""A training on a rented machine, seen from here: its events, its checkpoints and its artifact come here."""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.destinations import MANIFEST, keys_for, requirements
from core.errors import ArtifactError, ProviderError
from core.mirror import Mirror, Version
from core.pace import Pace
from core.parcel import Packer
from core.records import has_checkpoint
from core.remote import POLL, SILENCE, Remote
from core.rental import KEYS, Rental
from core.rest import Clock
from core.shell import Shell, Unreachable

STOPS = 10 * 60  # seconds for a last checkpoint
CHECKPOINTS = 5 * 60  # seconds between two looks for a new one
PASSED_ON = ("HF_TOKEN",)  # environment variables that a training may need


class RemoteRun(Remote):
    """
    Args:
        run: Its folder here.
        push: Where it is to push its artifact; blank is nowhere.
    """

    def __init__(
        self,
        shell: Shell,
        run: Path,
        rental: Rental,
        *,
        clock: Clock,
        pause: Callable[[float], None],
        push: str = "",
    ) -> None:
        super().__init__(shell, clock=clock, pause=pause)
        self.run = run
        self.rental = rental
        self._push = push
        self._run_there = ""
        self._folder = ""
        self.mirror = Mirror(run, self, lambda: rental.cost(clock.time()), Pace(run, rental).hear)

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
        self.send(parcels)
        self.mirror.start_at(known, "sent", bytes=sum(parcel.size for parcel in parcels))
        environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        self.order(
            packer.folder,
            parcels,
            [*self._launcher(), "train.py", *arguments(goes_on)],
            requirements=requirements(self._push),
            environment=environment | keys_for(self._push),
        )

    def follow(self) -> int | None:
        """Mirror it until it has ended; its exit code, None where it was killed.

        Raises:
            Unreachable: The machine has not answered for too long.
        """
        heard = saved = self.clock.time()
        while True:
            try:
                state = self.look()
                heard = self.clock.time()
                if not state["running"]:
                    code: int | None = state["exit_code"]
                    return code
                if self._push and self.is_complete():
                    self._fetch_meanwhile()
                elif self.clock.time() - saved >= CHECKPOINTS:
                    saved = self.clock.time()
                    self.mirror.save_checkpoints()
            except Unreachable:
                if self.clock.time() - heard >= SILENCE:
                    raise
            self.pause(POLL)

    def look(self) -> dict[str, Any]:
        """Bring log and events up to now; the state."""
        state = super().look()
        if state["runs"]:
            self._run_there = f"{self._folder}/{state['runs'][-1]}"
        self.mirror.follow_events()
        return state

    def is_complete(self) -> bool:
        """Whether there is an artifact, whatever becomes of its push."""
        return MANIFEST in self.versions()

    def _fetch_meanwhile(self) -> None:
        """A push may take long: what is here already survives the end of the machine."""
        with suppress(ArtifactError, ProviderError):  # it is asked for again
            self.mirror.fetch_artifact()

    def stop(self) -> None:
        """Let it keep a checkpoint and end, and bring the checkpoint."""
        self.shell.ask("stop")
        until = self.clock.time() + STOPS
        while self.look()["running"] and self.clock.time() < until:
            self.clock.sleep(POLL)
        if not self.is_complete():
            self.mirror.save_checkpoints()

    def fetch_artifact(self) -> None:
        """Bring the artifact and check it; what breaks off goes on where it ended."""
        until = self.clock.time() + SILENCE
        while True:
            try:
                return self.mirror.fetch_artifact()
            except (ArtifactError, ProviderError):
                if self.clock.time() >= until:
                    raise
                self.pause(POLL)

    def _launcher(self) -> list[str]:
        """Of one process for each GPU."""
        count = self.rental.gpus
        several = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={count}"]
        return several if count > 1 else []
