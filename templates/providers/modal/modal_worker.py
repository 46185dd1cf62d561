"""What runs in a container of Modal: train.py as a function, whose folder is in a volume."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import modal

from core.errors import ExitCode
from core.push import owes_push
from core.records import unfinished_runs, write_json
from modal_prices import usd_per_hour

NAME = "ML_MODEL"  # environment variables of a container: the model's name and its folder
HOME = "ML_HOME"
MODEL = os.environ.get(NAME) or Path(__file__).parent.name.replace("_", "-").lower()[:40]
STORE = Path("/mnt/store")  # where the volume is
VOLUME = modal.Volume.from_name(f"ml-{MODEL}", create_if_missing=True)
CALL = "call.json"  # in the folder of a training: which call it is, and when it began
END = "ended.json"  # in the same: its exit code, and when it ended

MINUTES = 60  # seconds
GPUS = ["T4", "L4", "A10"]  # what `modal deploy train.py` takes, the first that is free
TIMEOUT = 180 * MINUTES
RESERVE = 2 * MINUTES  # before the deadline, for the last checkpoint
COMMIT = 10  # seconds between two commits of the volume
GRACE = 25  # seconds; Modal leaves 30 to a container that has to end


def train(
    *arguments: str,
    name: str = "",
    seconds: float = TIMEOUT,
    max_minutes: float | None = None,
    price_per_hour: float = 0.0,
    processes: int = 1,
) -> int:
    """Run train.py; its exit code.

    It goes on where an attempt before it was cut off: machines with a GPU may be taken away.

    Args:
        name: Of the folder that its runs get in the volume.
        seconds: After which all attempts together have to be over.
    """
    call = str(modal.current_function_call_id())
    folder = STORE / "runs" / (name or call)
    deadline = _begin(folder, call) + seconds
    left = (deadline - RESERVE - time.time()) / MINUTES
    finished = next(folder.glob("*/manifest.json"), None)
    if finished and not owes_push(finished.parent):
        return ExitCode.OK
    if left <= 0:
        return ExitCode.STOPPED
    given = ["--resume"] if unfinished_runs(folder) else arguments
    minutes = min(left, max_minutes or left)
    bounds = [
        f"--max-minutes={minutes:.2f}",
        f"--price-per-hour={price_per_hour or usd_per_hour(GPUS)}",
    ]
    several = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    words = [*(several if processes > 1 else []), "train.py", *given]
    words += [f"--output={folder}", *bounds]
    if finished:
        words = ["cloud.py", "push", str(finished.parent)]
    code = _run(words, folder, deadline - 2 * GRACE)
    is_late = time.time() >= deadline - 2 * GRACE
    if code < 0 and not is_late:
        raise RuntimeError(f"train.py was killed by signal {-code}.")  # and is tried again
    if code and is_late:
        code = ExitCode.STOPPED
    write_json(folder / END, {"exit_code": code, "ended": time.time()})
    VOLUME.commit()
    return code


def _begin(folder: Path, call: str) -> float:
    """Note which call it is; when its first attempt began, in seconds since the epoch."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / CALL
    if not kept.exists():
        write_json(kept, {"id": call, "began": time.time()})
        VOLUME.commit()
    return float(json.loads(kept.read_text("utf-8"))["began"])


def _run(arguments: list[str], folder: Path, deadline: float) -> int:
    """However this ends, the process ends with a checkpoint, and the volume has it."""
    log = Log(folder / "log.txt")
    with log.local.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=os.environ[HOME],
            env=os.environ | {"RUNS_FILE": str(folder / "runs.txt"), "PYTHONUNBUFFERED": "1"},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a signal to this process is not one to that
        )
    try:
        while process.poll() is None and time.time() < deadline:
            _wait(process, COMMIT)
            log.pass_on()
            _commit()
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            _wait(process, GRACE)
            process.kill()
            process.wait()
        log.pass_on()
        VOLUME.commit()
    return process.returncode


def _commit() -> None:
    """In the midst of it: a file that is being written may forbid it, and there is a next time."""
    try:
        VOLUME.commit()
    except (RuntimeError, modal.exception.Error) as error:
        print(f"warning: the volume was not committed ({error}).")


class Log:
    """What train.py prints, for Modal's log and for the volume, where no file stays open."""

    def __init__(self, kept: Path) -> None:
        self.local = Path(tempfile.mkdtemp()) / "log.txt"
        self._kept = kept
        self._shown = 0

    def pass_on(self) -> None:
        with self.local.open("rb") as file:
            file.seek(self._shown)
            new = file.read()
        self._shown += len(new)
        sys.stdout.write(new.decode(errors="replace"))
        sys.stdout.flush()
        with self._kept.open("ab") as kept:
            kept.write(new)


def _wait(process: subprocess.Popen[bytes], seconds: float) -> None:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return
