"""One training: its folder, its events, and the moment it has to stop."""

import atexit
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

from core import processes
from core.errors import ExitCode, UserError
from core.records import (
    append_json,
    last_record,
    now,
    read_records,
    unfinished_runs,
    write_json,
)
from core.settings import RunSettings

Settings = TypeVar("Settings", bound=RunSettings)
FREE = {"resume", "output", "max_minutes", "price_per_hour"}  # may differ when a run goes on
TIME_IS_UP = 1000  # beyond all signals
RUNS_FILE = "RUNS_FILE"  # environment variable: the file in which a job keeps its runs' folders


class Stopped(Exception):
    """The run ended early with everything saved that is needed to go on."""

    def __init__(self, reason: str, exit_code: ExitCode) -> None:
        super().__init__(reason)
        self.exit_code = exit_code


class Run:
    """Events go to `events.jsonl` in the run's folder, one JSON object a line, flushed at once.

    Args:
        folder: Of a run that goes on; a new one has none yet.

    The folder appears with `start`, which is called after the data has been checked:
    a run that is refused leaves nothing behind.
    """

    def __init__(self, settings: RunSettings, folder: Path | None = None) -> None:
        self.settings = settings
        self.resumed = folder is not None
        self.folder = folder or new_folder(Path(settings.output))
        self.warnings: list[str] = []
        self._spent = 0.0
        self._started = time.monotonic()
        self._signal: signal.Signals | None = None
        self._is_over = False  # for another process, which may start a little earlier

    @property
    def checkpoints(self) -> Path:
        return self.folder / "checkpoints"

    def start(self, fingerprint: str, *, in_parallel: bool = False) -> None:
        """Create the folder, or check that the data is still what the run was started with.

        Args:
            fingerprint: SHA-256 of the training data.
            in_parallel: Whether several processes can train together.

        Raises:
            UserError: The data is another, or there are several processes that cannot.
        """
        if processes.count() > 1 and not in_parallel:
            raise UserError("This algorithm trains in one process: python train.py starts it.")
        if processes.largest(int(processes.share(fingerprint) != fingerprint)):
            raise UserError("The nodes have different data: give the same to each of them.")
        processes.ask_first(lambda: self._open(fingerprint))
        self.folder = self._folder_of_node()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        kind = "resumed" if self.resumed else "started"
        self.event(kind, data_sha256=fingerprint, processes=processes.count())

    def _open(self, fingerprint: str) -> None:
        config = self.settings.model_dump(mode="json") | {"resume": False}
        if self.resumed:
            self._require_same_data(fingerprint)
        else:
            self._create_folder()
            write_json(self.checkpoints / "data.json", {"sha256": fingerprint})
        self._spent = spent(join_job(self.folder))
        write_json(self.folder / "config.json", config)

    def _folder_of_node(self) -> Path:
        """The run's folder; on other nodes than the first, one for what need not last."""
        folder = self.folder
        if processes.is_first_of_node() and not processes.is_first():
            folder = Path(tempfile.mkdtemp())
            (folder / self.checkpoints.name).mkdir()
            atexit.register(shutil.rmtree, folder, ignore_errors=True)
        return processes.share_on_node(folder)

    def event(self, kind: str, **fields: Any) -> None:
        """Append one event, with the time (UTC) and the cost so far (USD)."""
        if not processes.is_first():
            return
        entry = {"time": now(), "event": kind, **fields, "cost_usd": round(self.cost, 6)}
        append_json(self.folder / "events.jsonl", entry)

    def warn(self, message: str) -> None:
        self.warnings.append(message)
        if processes.is_first():
            print(f"warning: {message}", file=sys.stderr)
        self.event("warning", message=message)

    def events(self, kind: str) -> list[dict[str, Any]]:
        """All events of one kind, oldest first."""
        entries = read_records(self.folder / "events.jsonl")
        return [entry for entry in entries if entry["event"] == kind]

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started

    @property
    def cost(self) -> float:
        """USD for the whole run, also for the processes that it went through before."""
        return self._spent + self.seconds / 3600 * self.settings.price_per_hour

    @property
    def must_stop(self) -> bool:
        limit = self.settings.max_minutes
        is_over = limit is not None and self.seconds >= limit * 60
        return self._signal is not None or self._is_over or is_over

    def agree_to_stop(self) -> bool:
        """Whether to stop: as soon as one process has to, all do. All have to ask, each time."""
        own = 0 if not self.must_stop else TIME_IS_UP if self._signal is None else self._signal
        agreed = processes.largest(own)
        if agreed and not own:
            self._is_over = agreed == TIME_IS_UP
            self._signal = None if self._is_over else signal.Signals(agreed)
        return agreed > 0

    def stop_if_asked(self) -> None:
        """Raise `Stopped` once a signal has come or the time is up.

        Call it where everything that matters is on disk.
        """
        if not self.must_stop:
            return
        if self._signal is None:
            reason, code = f"--max-minutes {self.settings.max_minutes:g} is over", ExitCode.STOPPED
        else:
            reason, code = self._signal.name, ExitCode(128 + self._signal)
        self.event("stopped", reason=reason)
        raise Stopped(reason, code)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self._signal is not None and number == signal.SIGINT:
            raise KeyboardInterrupt  # a second Ctrl-C does not wait; machines repeat their SIGTERM
        self._signal = signal.Signals(number)

    def _create_folder(self) -> None:
        while True:
            try:
                return self.checkpoints.mkdir(parents=True)
            except FileExistsError:  # another run started in this very second
                self.folder = new_folder(Path(self.settings.output))

    def _require_same_data(self, fingerprint: str) -> None:
        before = json.loads((self.checkpoints / "data.json").read_text(encoding="utf-8"))
        if before["sha256"] != fingerprint:
            raise UserError(
                f"The data has changed since {self.folder} was started: "
                "restore it, or leave out --resume to start anew."
            )


def reopen(settings: Settings) -> tuple[Settings, Path]:
    """The newest unfinished run under `settings.output`: the settings it had, and its folder.

    Raises:
        UserError: There is none, or `settings` contradict it.
    """
    folder = _unfinished(Path(settings.output))
    before = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    given = settings.given()
    changed = [name for name in given if name not in FREE and given[name] != before.get(name)]
    if changed:
        options = ", ".join("--" + name.replace("_", "-") for name in changed)
        raise UserError(
            f"{folder} was started with another {options}: leave it out to go on, "
            "or leave out --resume to start anew."
        )
    return type(settings).model_validate(before | given), folder


def new_folder(output: Path) -> Path:
    name = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    folder, again = output / name, 1
    while folder.exists():
        again += 1
        folder = output / f"{name}-{again}"
    return folder


def _unfinished(output: Path) -> Path:
    runs = unfinished_runs(output)
    if not runs:
        raise UserError(f"No unfinished run in {output}: leave out --resume to start one.")
    return runs[-1]


def join_job(run: Path) -> list[Path]:
    """Folders of all runs of the job that runs this, oldest first, `run` included."""
    if RUNS_FILE not in os.environ:
        return [run]
    with Path(os.environ[RUNS_FILE]).open("a", encoding="utf-8") as file:
        file.write(f"{run}\n")
    return runs_of_job()


def runs_of_job() -> list[Path]:
    """Folders of the runs that the job that runs this has had, oldest first."""
    file = Path(os.environ.get(RUNS_FILE, os.devnull))
    return [Path(line) for line in file.read_text("utf-8").splitlines()] if file.is_file() else []


def spent(runs: list[Path]) -> float:
    """USD that the newest of these runs that has events had cost by then."""
    records = (last_record(run / "events.jsonl") for run in reversed(runs))
    return float(next((r["cost_usd"] for r in records if "cost_usd" in r), 0.0))
