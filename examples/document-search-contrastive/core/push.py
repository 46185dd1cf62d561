"""Sends an artifact to a destination: what is there already is not sent again, all of it is compared.

python cloud.py push runs/20261101-120000 hf://owner/name
"""

import hashlib
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NamedTuple

from core.artifact import changed_files, read_manifest
from core.destinations import (
    EVENTS,
    MANIFEST,
    File,
    Shipment,
    find_destination,
    persist,
)
from core.errors import ArtifactError, DestinationError, ExitCode, UserError
from core.records import append_json, last_record, now, read_records


class Pushed(NamedTuple):
    address: str  # to pull it from
    bytes: int  # that were not there
    seconds: float


class Interrupted(KeyboardInterrupt):
    """Ctrl-C or SIGTERM: clients end what they have in the background, and try nothing again."""


def push(artifact: Path, address: str) -> Pushed:
    """Send what is not there, and write down in the artifact's events that all of it is.

    Raises:
        ArtifactError: The artifact is damaged; nothing is sent.
        UserError: It cannot be done.
        DestinationError: It was not done; done again, it goes on.
    """
    shipment = _prepare(artifact)
    destination = find_destination(address)
    destination.require_access()
    started = time.monotonic()
    print(f"pushing   {artifact} to {address}", flush=True)
    there = persist(destination, lambda: destination.push(shipment))
    done = Pushed(there, destination.moved, round(time.monotonic() - started, 1))
    print(f"pushed    {there}", flush=True)
    cost = last_record(artifact / EVENTS).get("cost_usd", 0.0)
    event = {"time": now(), "event": "pushed", **done._asdict(), "cost_usd": cost}
    append_json(artifact / EVENTS, event)
    return done


def push_trained(artifact: Path, address: str) -> None:
    """The end of a training: whatever happens, the artifact stays, and what to do is said.

    Raises:
        DestinationError: It was not pushed.
    """
    try:
        with _interrupted_by_signals():
            push(artifact, address)
    except Interrupted as interrupted:
        number = interrupted.args[0]
        raise not_pushed(artifact, signal.Signals(number).name, 128 + number) from None
    except UserError as error:
        raise not_pushed(artifact, str(error)) from None


def not_pushed(artifact: Path, reason: str, code: int = ExitCode.DESTINATION) -> DestinationError:
    error = DestinationError(
        f"{artifact} is complete, but was not pushed: {reason.rstrip('.')}."
        f" Go on with: python cloud.py push {artifact}"
    )
    error.exit_code = ExitCode(code)
    return error


def require_pushed(artifact: Path, address: str) -> None:
    """Of a training that ended elsewhere: whether it did all that it was told; blank is nowhere.

    Raises:
        DestinationError: It was not pushed.
    """
    if address and not _is_pushed(artifact):
        raise not_pushed(artifact, "what was printed above says why")


def told(artifact: Path) -> str:
    """Where its training was told to push it; empty where it was not."""
    address: str = read_manifest(artifact).get("config", {}).get("push", "")
    return address


def owes_push(artifact: Path) -> bool:
    """Whether its training was told to push it, and it was not."""
    return bool(told(artifact)) and not _is_pushed(artifact)


def _prepare(artifact: Path) -> Shipment:
    manifest = read_manifest(artifact)
    if changed := changed_files(artifact, manifest["files"]):
        raise ArtifactError(
            f"{artifact / changed[0]} is not what was trained: train again, or restore the file."
        )
    names = [*manifest["files"], EVENTS, MANIFEST]
    files = {name: _measure(artifact / name) for name in names if (artifact / name).is_file()}
    notes = artifact.parent / f".{artifact.name}.push.json"  # it is no file of the artifact
    return Shipment(manifest["id"], files, notes)


def _measure(path: Path) -> File:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return File(path, digest, path.stat().st_size)


def _is_pushed(artifact: Path) -> bool:
    return any(event["event"] == "pushed" for event in read_records(artifact / EVENTS))


@contextmanager
def _interrupted_by_signals() -> Iterator[None]:
    def interrupt(number: int, frame: FrameType | None) -> None:
        raise Interrupted(number)

    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, interrupt) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
