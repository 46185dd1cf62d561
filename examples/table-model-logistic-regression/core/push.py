"""Sends an artifact to a destination and brings one from there: whole and checked, or not at all.

python cloud.py push runs/20261101-120000 hf://owner/name
"""

import hashlib
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

from core.artifact import changed_files, read_manifest
from core.destinations import (
    EVENTS,
    MANIFEST,
    BrokenOff,
    Destination,
    File,
    Shipment,
    find_destination,
)
from core.errors import ArtifactError, DestinationError, ExitCode, UserError
from core.records import append_json, last_record, now, parse_record
from core.transfer import place, require_new

WAITS = (2, 10, 30, 60)  # seconds before what broke off goes on; anew whenever something moved


class Pushed(NamedTuple):
    address: str  # to pull it from
    bytes: int  # that were not there
    seconds: float


class Interrupted(BaseException):
    """Ctrl-C or SIGTERM; nobody on the way takes it for an error that can be tried again."""


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
    there = _persist(destination, lambda: destination.push(shipment))
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


def pull(address: str, folder: Path) -> None:
    """Bring an artifact to a new folder, which appears once all of it is here and checked.

    Raises:
        UserError: `folder` is there already, or cannot be written.
        DestinationError: It did not come whole; asked for again, it goes on.
        ArtifactError: What came is not what was trained.
    """
    require_new(folder)
    source = find_destination(address)
    staged = folder.with_name(f".{folder.name}.arriving")
    try:
        staged.mkdir(exist_ok=True)
        _fetch(source, staged)
        place(staged, folder)
    except OSError as error:
        raise UserError(f"{folder} cannot be written: {error.strerror or error}.") from None


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


def _fetch(source: Destination, staged: Path) -> None:
    (staged / MANIFEST).unlink(missing_ok=True)  # it says what the rest has to be
    _persist(source, lambda: source.fetch(MANIFEST, staged))
    files = read_manifest(staged, complete=False)["files"]
    for name in files:
        if not (staged / name).resolve().is_relative_to(staged.resolve()):
            raise ArtifactError(f"The artifact names a file outside of its folder: {name}.")
    for path in [path for path in staged.rglob("*") if path.is_file()]:
        if path.relative_to(staged).as_posix() not in (*files, MANIFEST):
            path.unlink()  # of another artifact that did not come whole
    for name in files:
        _fetch_checked(source, staged, {name: files[name]})
    _persist(source, lambda: source.fetch(EVENTS, staged))


def _fetch_checked(source: Destination, staged: Path, file: dict[str, str]) -> None:
    (name,) = file
    is_rest = (staged / name).is_file()
    if is_rest and not changed_files(staged, file):
        return
    _persist(source, lambda: source.fetch(name, staged))
    if not changed_files(staged, file):
        return
    (staged / name).unlink()
    if is_rest:  # it may have been the rest of something else
        return _fetch_checked(source, staged, file)
    raise ArtifactError(f"{name} is not what was trained, or was damaged on its way: pull again.")


def _persist(destination: Destination, step: Callable[[], Any]) -> Any:
    """Do what can be done again until it is done, or does not get on any more."""
    waits = iter(WAITS)
    while True:
        moved = destination.moved
        try:
            return step()
        except BrokenOff as error:
            if destination.moved > moved:
                waits = iter(WAITS)
            wait = next(waits, None)
            if wait is None:
                raise
            print(f"warning: {error} It goes on in {wait} s.", flush=True)
            time.sleep(wait)


def _is_pushed(artifact: Path) -> bool:
    lines = (artifact / EVENTS).read_bytes().split(b"\n")
    return any(event["event"] == "pushed" for event in filter(None, map(parse_record, lines)))


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
