"""Places that an artifact is pushed to and pulled from: how they are written, and what each can do."""

import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar

from core.errors import DestinationError, UserError

Value = TypeVar("Value")
WAITS = (2, 10, 30, 60)  # seconds before what broke off goes on; anew whenever something moved
FORMS = "hf://owner/name for the Hugging Face Hub, or supabase://bucket/folder for Supabase Storage"
HUB = re.compile(r"hf://(?P<repository>\w[\w.-]*/\w[\w.-]*)(@(?P<revision>[\w.-]+))?")
SUPABASE = re.compile(r"supabase://(?P<bucket>\w[\w.-]*)(?P<folder>(/\w[\w. -]*)*)/?")
REQUIREMENTS = "requirements-push.txt"
INSTALL = f"python -m pip install -r {REQUIREMENTS}"
MANIFEST = "manifest.json"
EVENTS = "events.jsonl"  # to which a push itself adds a line: that alone is not sent


class BrokenOff(DestinationError):
    """What is there stays there: whoever asks again goes on with it."""


class File(NamedTuple):
    path: Path
    sha256: str
    size: int  # bytes


@dataclass(frozen=True)
class Shipment:
    """An artifact on its way.

    Args:
        id: Name of its run.
        files: By their paths in it; `manifest.json`, which makes it an artifact, is the last.
        notes: File for what is to be known if the push breaks off.
    """

    id: str
    files: Mapping[str, File]
    notes: Path


class Answer(Protocol):
    """Of an HTTP server, while it comes; each destination has a client of its own."""

    @property
    def status_code(self) -> int: ...

    def iter_bytes(self) -> Iterator[bytes]: ...


class Destination(Protocol):
    moved: int  # bytes so far, there or here

    def require_access(self) -> None:
        """
        Raises:
            UserError: Nothing can be pushed there, and why.
        """

    def push(self, shipment: Shipment) -> str:
        """Send what is not there, and compare all of it by its hash; the address to pull it from.

        Raises:
            BrokenOff: On the way.
        """

    def fetch(self, name: str, folder: Path) -> None:
        """Bring one file into a folder; what came of it before is not asked for again.

        Raises:
            BrokenOff: On the way.
        """


def is_address(address: str) -> bool:
    """Whether an artifact can be pushed to such an address."""
    at_hub = HUB.fullmatch(address)
    return (at_hub is not None and not at_hub["revision"]) or bool(SUPABASE.fullmatch(address))


def find_destination(address: str) -> Destination:
    """
    Raises:
        UserError: It is no address, or what it takes to get there is missing.
    """
    if found := HUB.fullmatch(address):
        from core.hub import Hub

        return Hub(found["repository"], found["revision"])
    if found := SUPABASE.fullmatch(address):
        from core.supabase_storage import SupabaseStorage

        return SupabaseStorage(found["bucket"], found["folder"].strip("/"))
    raise UserError(f"{address} is no address: write {FORMS}.")


def require_destination(address: str) -> None:
    """Find out before anything is trained or rented.

    Raises:
        UserError: Nothing can be pushed there, and why.
    """
    find_destination(address).require_access()


def requirements(address: str) -> list[str]:
    """The files that say what a training installs which pushes there; blank is nowhere."""
    return ["requirements.txt", REQUIREMENTS] if address else ["requirements.txt"]


def keys_for(address: str) -> dict[str, str]:
    """The environment variables that another machine needs to push there; blank is nowhere."""
    if HUB.fullmatch(address):
        from core.hub import environment
    elif SUPABASE.fullmatch(address):
        from core.supabase import environment
    else:
        return {}
    return environment()


def rest_of(path: Path) -> dict[str, str]:
    """The headers that ask for what a file does not hold yet."""
    size = path.stat().st_size if path.is_file() else 0
    return {"Range": f"bytes={size}-", "Accept-Encoding": "identity"} if size else {}


def append(answer: Answer, path: Path) -> Iterator[int]:
    """Add what comes, of which each size is told; a server that knows no ranges begins anew."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab" if answer.status_code == 206 else "wb") as file:
        for chunk in answer.iter_bytes():
            yield file.write(chunk)


def persist(destination: Destination, step: Callable[[], Value]) -> Value:
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
            print(f"warning: {error} It goes on in {wait} s.", file=sys.stderr)
            time.sleep(wait)
