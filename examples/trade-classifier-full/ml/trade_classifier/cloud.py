"""Trainings and servers in the background of this machine: `python cloud.py launch -- --epochs 3`.

launch | deploy | status | logs | cancel | reap; every job is a folder under `jobs/`.
"""

import argparse
import json
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from core.errors import ExitCode, UserError
from core.records import write_json

JOBS = Path("jobs")
GRACE = 60  # seconds for a checkpoint before a cancelled job is killed


def launch(arguments: list[str]) -> str:
    """Start `train.py`; returns the job's id."""
    return _start("train.py", arguments)


def deploy(arguments: list[str]) -> str:
    """Start `serve.py`; returns the job's id."""
    return _start("serve.py", arguments)


def status(job: str) -> dict[str, Any]:
    """state: running, finished, stopped (a checkpoint is kept), failed, or lost (killed)."""
    facts: dict[str, Any] = json.loads((_folder(job) / "job.json").read_text(encoding="utf-8"))
    if facts["state"] == "running" and _process(job) is None:
        facts["state"] = "lost"
    return facts


def logs(job: str) -> str:
    return (_folder(job) / "log.txt").read_text(encoding="utf-8", errors="replace")


def cancel(job: str) -> dict[str, Any]:
    """Ask it to keep a checkpoint and end; end it after a minute."""
    process = _process(job)
    if process is not None:
        family = process.children(recursive=True)
        for member in family or [process]:
            member.terminate()
        _, alive = psutil.wait_procs([process, *family], timeout=GRACE)
        for member in alive:
            member.kill()
    return status(job)


def reap() -> list[str]:
    """Cancel everything that still runs; returns the ids."""
    running = [job for job in jobs() if status(job)["state"] == "running"]
    for job in running:
        cancel(job)
    return running


def jobs() -> list[str]:
    return sorted(path.parent.name for path in JOBS.glob("*/job.json"))


def supervise(job: str) -> None:
    """Run a job to its end and keep how it ended: the process behind `launch`."""
    path = _folder(job) / "job.json"
    facts = json.loads(path.read_text(encoding="utf-8"))
    code = subprocess.call([sys.executable, facts["script"], *facts["arguments"]])
    # A signal that comes before Python can handle it is a negative exit code.
    paused = (ExitCode.STOPPED, ExitCode.INTERRUPTED, ExitCode.TERMINATED, -signal.SIGTERM)
    state = "finished" if code == 0 else "stopped" if code in paused else "failed"
    write_json(path, facts | {"state": state, "exit_code": code})


def _start(script: str, arguments: list[str]) -> str:
    job = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
    folder = JOBS / job
    folder.mkdir(parents=True)
    facts = {"id": job, "script": script, "arguments": arguments, "state": "running"}
    write_json(folder / "job.json", facts)
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, __file__, "supervise", job],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # it outlives this terminal
        )
    started = psutil.Process(process.pid).create_time()
    write_json(folder / "process.json", {"pid": process.pid, "started": started})
    return job


def _process(job: str) -> psutil.Process | None:
    """The job's process while it lives; a number that another process got later is not it."""
    known = json.loads((_folder(job) / "process.json").read_text(encoding="utf-8"))
    try:
        process = psutil.Process(known["pid"])
        alive = process.create_time() == known["started"] and process.status() != "zombie"
    except psutil.NoSuchProcess:
        return None
    return process if alive else None


def _folder(job: str) -> Path:
    if job not in jobs():
        raise UserError(f"No job {job!r}; there are: {', '.join(jobs()) or 'none'}.")
    return JOBS / job


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, help_text in (("launch", "start train.py"), ("deploy", "start serve.py")):
        start = commands.add_parser(name, help=f"{help_text} with the options after --")
        start.add_argument("arguments", nargs="*")
    for name in ("status", "logs", "cancel", "supervise"):
        commands.add_parser(name).add_argument("job")
    commands.add_parser("reap", help="cancel all that runs")
    commands.add_parser("jobs", help="list all jobs")
    return parser.parse_args()


def main() -> int:
    options = vars(_parse())
    command = globals()[options.pop("command")]
    try:
        answer = command(**options)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    if answer:
        print(answer if isinstance(answer, str) else json.dumps(answer, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
