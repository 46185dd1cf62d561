"""A run's folder on this machine that follows the same run on a rented one."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple, Protocol
from uuid import uuid4

from core.artifact import changed_files, read_manifest
from core.errors import ArtifactError, ProviderError, UserError
from core.records import append_json, last_record, now, parse_record

EVENTS = "events.jsonl"
STAGED = ".arriving"  # folder in a run's folder
CHECKPOINTS = "checkpoints"


class Version(NamedTuple):
    """Tells whether a file has changed."""

    size: int  # bytes
    modified: float  # seconds; of the other machine's clock


class Files(Protocol):
    """The folder of a run on another machine."""

    def versions(self) -> dict[str, Version]:
        """Of every file, by its path in the folder."""

    def read(self, path: str, start: int) -> Iterator[bytes]:
        """What a file holds from byte `start` on."""


class Mirror:
    """What has come is not asked for again: all of it can be called as often as one likes.

    Args:
        cost: USD so far, by the provider's bill; the other machine cannot know it.
        hear: Is told each event that is new.
    """

    def __init__(
        self,
        folder: Path,
        files: Files,
        cost: Callable[[], float],
        hear: Callable[[dict[str, Any]], None],
    ) -> None:
        self.folder = folder
        self._files = files
        self._cost = cost
        self._hear = hear
        self._staged = folder / STAGED
        # Each event says up to which byte the other file is here: what a kill interrupts goes on.
        self._events = int(last_record(folder / EVENTS).get("mirrored", 0))
        self._saved: dict[str, Version] = {}

    def follow_events(self) -> None:
        """Append the events that are new, whole lines only."""
        versions = self._files.versions()
        if EVENTS not in versions or versions[EVENTS].size <= self._events:
            return
        content = b"".join(self._files.read(EVENTS, self._events))
        whole = content[: content.rfind(b"\n") + 1]
        for line in whole.splitlines(keepends=True):
            self._events += len(line)
            if event := parse_record(line):
                facts = {"cost_usd": round(self._cost(), 6), "mirrored": self._events}
                append_json(self.folder / EVENTS, event | facts)
                self._hear(event | facts)

    def start_at(self, size: int, kind: str, **fields: Any) -> None:
        """The other file starts with that many bytes of this one, which an event says."""
        self._events = size
        note(self.folder, kind, self._cost(), mirrored=size, **fields)

    def save_checkpoints(self, *, anew: bool = False) -> bool:
        """Bring what a run needs to go on, if none of it changes meanwhile; whether it is here.

        Args:
            anew: Also what seems to be here: the other clock may tell only seconds.
        """
        try:
            before = self._checkpoints()
            is_known = before == self._saved and not anew
            if f"{CHECKPOINTS}/data.json" not in before or is_known:
                return is_known
            self._fetch(before)
            if self._checkpoints() != before:
                return False
        except ProviderError:  # a newer one took its place, or the connection broke
            return False
        _replace(self._staged / CHECKPOINTS, self.folder / CHECKPOINTS)
        shutil.rmtree(self._staged)
        self._saved = before
        return True

    def fetch_artifact(self) -> None:
        """Bring the artifact and check it against its manifest; `publish` lets it appear.

        Raises:
            ArtifactError: What came is not what was trained.
        """
        self.follow_events()
        versions = {
            name: version
            for name, version in self._files.versions().items()
            if name != EVENTS and not _is_checkpoint(name)
        }
        self._fetch(versions)
        if changed := changed_files(self._staged, read_manifest(self._staged)["files"]):
            (self._staged / changed[0]).unlink()  # whoever asks again gets it anew
            raise ArtifactError(f"{changed[0]} of the artifact was damaged on its way here.")

    def _checkpoints(self) -> dict[str, Version]:
        versions = self._files.versions().items()
        return {name: version for name, version in versions if _is_checkpoint(name)}

    def _fetch(self, versions: dict[str, Version]) -> None:
        """Bring files to the staging folder; what is there of the same version goes on where it ended."""
        arrived_path = self._staged / ".versions.json"
        arrived = json.loads(arrived_path.read_text("utf-8")) if arrived_path.is_file() else {}
        for name in set(arrived) - set(versions):
            (self._staged / name).unlink(missing_ok=True)
        for name, version in versions.items():
            path = self._staged / _inside(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            if arrived.get(name) != [*version]:
                path.unlink(missing_ok=True)
            arrived[name] = [*version]
            arrived_path.write_text(json.dumps(arrived), "utf-8")
            with path.open("ab") as file:
                for chunk in self._files.read(name, file.tell()):
                    file.write(chunk)


def has_arrived(folder: Path) -> bool:
    """Whether a whole artifact waits to be published, or is half published."""
    try:
        files = read_manifest(folder / STAGED, complete=False)["files"]
    except ArtifactError:
        return False
    moved = {name for name in files if not (folder / STAGED / name).exists()}
    staged = {name: digest for name, digest in files.items() if name not in moved}
    here = {name: digest for name, digest in files.items() if (folder / name).exists()}
    return moved <= here.keys() and not (
        changed_files(folder / STAGED, staged) or changed_files(folder, {n: here[n] for n in moved})
    )


def publish(folder: Path) -> Path:
    """Let the artifact that has arrived appear in its run's folder."""
    staged = folder / STAGED
    files = read_manifest(staged, complete=False)["files"]
    for name in (*files, "manifest.json"):  # the last makes it an artifact
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if (staged / name).exists():
            (staged / name).replace(folder / name)
    shutil.rmtree(staged)
    shutil.rmtree(folder / CHECKPOINTS, ignore_errors=True)
    return folder


def note(folder: Path, kind: str, cost: float, **fields: Any) -> None:
    """Append an event of this machine's own; it carries on how far the other file is here."""
    mirrored = last_record(folder / EVENTS).get("mirrored", 0)
    facts = {"cost_usd": round(cost, 6), "mirrored": mirrored}
    append_json(folder / EVENTS, {"time": now(), "event": kind, **facts, **fields})


def _is_checkpoint(name: str) -> bool:
    return PurePosixPath(name).parts[0] == CHECKPOINTS


def _inside(name: str) -> PurePosixPath:
    """A path that another machine named: it must stay in the folder."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        raise UserError(f"The rented machine names a file outside of its run: {name}.")
    return path


def _replace(staged: Path, target: Path) -> None:
    """Put a folder in another's place: for a moment there is neither, never half."""
    old = target.with_name(f".{target.name}-{uuid4().hex}")
    if target.exists():
        target.rename(old)
    staged.rename(target)
    shutil.rmtree(old, ignore_errors=True)
