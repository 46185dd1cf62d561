"""What runs at Modal: an image with this model's folder and `core`, and train.py as a function."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import modal

import core
from core.errors import ExitCode
from core.parcel import find_sources
from core.records import unfinished_runs, write_json
from core.settings import RunSettings
from modal_prices import limits, usd_per_hour

HERE = Path(__file__).parent
MODEL = os.environ.get("MODEL") or HERE.name.replace("_", "-").lower()[:40]
STORE = Path("/mnt/store")  # where the volume is
VOLUME = modal.Volume.from_name(f"ml-{MODEL}", create_if_missing=True)
LEFT_HERE = ["core", "data", "jobs", "runs", "tunes", "node_modules", "venv"]
CACHES = ["**/__pycache__", "**/.*"]
PASSED_ON = ("HF_TOKEN", "SERVE_API_KEY", "SERVE_RUN")  # of the environment; a secret there
CALL = "call.json"  # in the folder of a training: which call it is, and when it began
END = "ended.json"  # in the same: its exit code, and when it ended

MIB = 1024  # of a GiB
MINUTES = 60  # seconds
GPUS = ["T4", "L4", "A10"]  # what `modal deploy train.py` takes, the first that is free
TIMEOUT = 180 * MINUTES
RESERVE = 2 * MINUTES  # before the deadline, for the last checkpoint
COMMIT = 10  # seconds between two commits of the volume
GRACE = 25  # seconds; Modal leaves 30 to a container that has to end


def create_image(requirements: str, home: str = "/root") -> modal.Image:
    """
    Args:
        requirements: File that says what is installed.
        home: Becomes the model's folder.
    """
    return (
        modal.Image.debian_slim()
        .pip_install_from_requirements(str(HERE / requirements))
        .env({"MODEL": MODEL, "MODEL_HOME": home, "PYTHONPATH": f"{home}:/root"})
        .env({"HF_HOME": f"{STORE}/huggingface"})
        .add_local_dir(HERE, home, ignore=[*LEFT_HERE, *CACHES])
        .add_local_dir(Path(core.__file__).parent, f"{home}/core", ignore=CACHES)
    )


def create_secret() -> modal.Secret:
    """What the user has of it in the environment; nothing is no error."""
    return modal.Secret.from_dict(
        {name: value for name in PASSED_ON if (value := os.environ.get(name))}
    )


def create_app(
    settings: RunSettings,
    name: str = MODEL,
    gpus: Sequence[str] = GPUS,
    seconds: float = TIMEOUT,
) -> "tuple[modal.App, modal.Function[..., int, int]]":
    """An app with the function `train`, and this function.

    Args:
        gpus: The first that is free is taken; none trains without.
        seconds: After which Modal kills an attempt.
    """
    sources = find_sources(settings, HERE).values()
    climbs = max((Path(source).parts.count("..") for source in sources), default=0)
    home = PurePosixPath("/root", *["up"] * climbs)  # so deep that `../data` is below /root
    image = create_image("requirements.txt", str(home))
    for source in sources:
        there = os.path.normpath(home / source)
        add = image.add_local_dir if (HERE / source).is_dir() else image.add_local_file
        image = add(HERE / source, there)
    cores, gib = limits(gpus)
    app = modal.App(name)
    function = app.function(
        image=image,
        gpu=[*gpus] or None,
        cpu=(1, cores),  # what is asked for, and the limit
        memory=(4 * MIB, gib * MIB),
        volumes={str(STORE): VOLUME},
        secrets=[create_secret()],
        timeout=int(seconds),
        retries=2,
        max_containers=1,
        single_use_containers=True,
    )(train)
    return app, function


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
    if any(folder.glob("*/manifest.json")):
        return ExitCode.OK
    if left <= 0:
        return ExitCode.STOPPED
    given = ["--resume"] if unfinished_runs(folder) else arguments
    minutes = min(left, max_minutes or left)
    limits = [
        f"--max-minutes={minutes:.2f}",
        f"--price-per-hour={price_per_hour or usd_per_hour(GPUS)}",
    ]
    several = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    code = _run(
        [*(several if processes > 1 else []), "train.py", *given, f"--output={folder}", *limits],
        folder,
        deadline,
    )
    if code < 0 and time.time() < deadline:
        raise RuntimeError(f"train.py was killed by signal {-code}.")  # and is tried again
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
            cwd=os.environ["MODEL_HOME"],
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
