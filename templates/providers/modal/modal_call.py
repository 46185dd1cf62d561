"""One training at Modal, seen from here: spawned or found again, followed, cancelled."""

import json
import math
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import modal
from modal import exception

from core.destinations import MANIFEST
from core.errors import ExitCode, ProviderError
from core.machines import Offer
from core.mirror import STAGED, Mirror
from core.pace import Pace
from core.records import RENTAL, has_checkpoint, write_json
from core.rental import KEYS, Rental
from core.settings import RunSettings
from modal_app import create_app
from modal_apps import ModalApps
from modal_prices import NO_GPU
from modal_volume import VolumeFolder, explained
from modal_worker import CALL, END, VOLUME

POLL = 2.0  # seconds between two looks
SILENCE = 15 * 60  # seconds without an answer after which Modal is given up
STOPS = 90  # seconds for the last checkpoint
CHECKPOINTS = 60  # seconds between two looks for a new one
LEFT_HERE = (KEYS, RENTAL, STAGED)


class ModalCall:
    """
    Args:
        run: Its folder here.
        is_shown: Whether something else prints the log.
    """

    def __init__(self, run: Path, rental: Rental, is_shown: bool) -> None:
        self.run = run
        self.rental = rental
        self._app = ExitStack()
        self._call: modal.FunctionCall[int] | None = None
        self._folder = VolumeFolder(VOLUME, f"runs/{rental.name}")
        self._files = VolumeFolder(VOLUME)
        self._is_shown = is_shown
        self._log = 0  # bytes that were shown
        self.problem = ""  # why it was ended
        self._has_begun = False
        self._ended = math.inf
        self.mirror = Mirror(run, self._files, lambda: self.cost, Pace(run, rental).hear)

    @property
    def cost(self) -> float:
        """USD of the job so far, at the most: what waits for a GPU costs nothing."""
        if not self._has_begun:
            return self.rental.spent
        return self.rental.cost(min(time.time(), self._ended, self.rental.deadline))

    def spawn(
        self, settings: RunSettings, offers: Sequence[Offer], arguments: Sequence[str]
    ) -> None:
        """Start it; what it goes on with is sent before."""
        name = self.rental.name
        gpus = [offer.gpu for offer in offers if offer.gpu != NO_GPU]
        seconds = self.rental.deadline - self.rental.created
        with explained():
            app, function = create_app(settings, name, gpus, seconds)
            print(f"sending  {name} to Modal; the first time, its image takes minutes")
            self._app.enter_context(app.run(detach=True))
            known = self._send_run() if has_checkpoint(self.run) else 0
            self._call = function.spawn(
                *arguments,
                name=name,
                seconds=seconds,
                price_per_hour=self.rental.usd_per_hour,
                processes=max(1, offers[0].gpus),
                max_minutes=settings.max_minutes,
            )
            (self.run / KEYS).mkdir(exist_ok=True)
            write_json(self.run / KEYS / CALL, {"id": self._call.object_id})
        self.mirror.start_at(known, "sent", call=self._call.object_id)

    def attach(self) -> bool:
        """Find it again; False where it never came to run, and then no longer will."""
        known = self.run / KEYS / CALL
        if known.is_file():
            key = json.loads(known.read_text("utf-8"))["id"]
        elif CALL in self._folder.versions():
            key = self._read_json(CALL)["id"]
        else:
            ModalApps().end(self.rental.name)
            return False
        with explained():
            self._call = modal.FunctionCall.from_id(key)
        return True

    def follow(self, pause: Any) -> int | None:
        """Mirror it until it has ended; its exit code, None where it was killed.

        Args:
            pause: Raises what interrupts it.

        Raises:
            ProviderError: Modal has not answered for too long.
        """
        heard = saved = time.monotonic()
        while True:
            try:
                ended, code = self._result(POLL)
                self.look()
                heard = time.monotonic()
                if ended:
                    return code
                if heard - saved >= CHECKPOINTS:
                    saved = heard
                    self.mirror.save_checkpoints()
            except ProviderError:
                if time.monotonic() - heard >= SILENCE:
                    raise
            pause()

    def look(self) -> None:
        """Bring log and events up to now."""
        versions = self._folder.versions()
        if CALL in versions and not self._has_begun:
            self._begin(self._read_json(CALL)["began"])
        if END in versions:
            self._ended = self._read_json(END)["ended"]
        if "runs.txt" in versions:
            runs = b"".join(self._folder.read("runs.txt")).decode().split()
            self._files.path = f"{self._folder.path}/{PurePosixPath(runs[-1]).name}"
        if "log.txt" in versions and versions["log.txt"].size > self._log and not self._is_shown:
            self._show_log()
        self.mirror.follow_events()

    def _begin(self, began: float) -> None:
        seconds = self.rental.deadline - self.rental.created
        self.rental = replace(self.rental, created=began, deadline=began + seconds)
        self.rental.write(self.run)
        self._has_begun = True

    def _read_json(self, name: str) -> dict[str, Any]:
        facts: dict[str, Any] = json.loads(b"".join(self._folder.read(name)))
        return facts

    def _show_log(self) -> None:
        for chunk in self._folder.read("log.txt", self._log):
            self._log += len(chunk)
            sys.stdout.buffer.write(chunk)
        sys.stdout.flush()

    def stop(self) -> None:
        """Let it keep a checkpoint and end, and bring the checkpoint."""
        assert self._call is not None
        until = time.monotonic() + STOPS
        with explained():
            self._call.cancel()
        while not self._result(POLL)[0] and time.monotonic() < until:
            self.look()
        self.look()
        if not self.is_complete():
            self.mirror.save_checkpoints(anew=True)

    def is_complete(self) -> bool:
        """Whether there is an artifact, whatever becomes of its push."""
        return MANIFEST in self._files.versions()

    def close(self) -> None:
        """Whatever is left of it ends."""
        self._app.close()
        ModalApps().end(self.rental.name)

    def _result(self, seconds: float) -> tuple[bool, int | None]:
        """Whether it has ended, and the exit code of train.py."""
        assert self._call is not None
        try:
            return True, self._call.get(timeout=seconds)
        except TimeoutError:
            return False, None
        except exception.FunctionTimeoutError:
            return True, ExitCode.STOPPED
        except (
            exception.ConnectionError,
            exception.ServiceError,
            exception.InternalError,
        ) as error:
            raise ProviderError(f"Modal does not answer: {error}.") from None
        except Exception as error:  # noqa: BLE001 - whatever was raised there is raised here
            self.problem = f"{type(error).__name__}: {error}".rstrip(".: ")
            return True, None

    def _send_run(self) -> int:
        """Bytes of its events, which are known there then."""
        target = f"{self._folder.path}/{self.run.name}"
        with VOLUME.batch_upload(force=True) as upload:
            for path in sorted(self.run.rglob("*")):
                name = path.relative_to(self.run)
                if path.is_file() and name.parts[0] not in LEFT_HERE:
                    upload.put_file(path, f"{target}/{name.as_posix()}")
        return (self.run / "events.jsonl").stat().st_size


def require_access() -> None:
    """
    Raises:
        UserError: There is no token, or a wrong one.
    """
    with explained():
        VOLUME.hydrate()
