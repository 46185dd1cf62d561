"""The commands of a model folder, as the worker calls them: `python cloud.py launch --name N -- …`.

While there is a file named `down` the provider does not answer, and with one named `slow` a launch
takes its time.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from job import Job

POLL = 0.05  # seconds
LATE = 4  # seconds
SETTINGS = {
    "type": "object",
    "required": ["data"],
    "properties": {
        "data": {"type": "string"},
        "steps": {"type": "integer", "minimum": 1, "default": 5},
        "step_seconds": {"type": "number", "default": 0.01},
        "step_cost": {"type": "number", "default": 0},
        "crash_at": {"type": "integer", "default": 0},
        "exit_code": {"type": "integer", "default": 0},
        "bytes": {"type": "integer", "default": 1},
        "max_cost": {"type": "number", "default": 5},
        "note": {"type": "string"},
    },
}


class Refusal(Exception):
    """An exit code and a sentence."""


def launch(name: str, arguments: list[str]) -> str:
    return _start(name, "train", arguments)


def deploy(name: str, arguments: list[str]) -> str:
    return _start(name, "serve", arguments)


def _start(name: str, kind: str, arguments: list[str]) -> str:
    if Path("slow").exists():
        time.sleep(LATE)
    job = Job(name)
    job.folder.mkdir(parents=True, exist_ok=True)
    (job.folder / "lock").touch()
    job.write("job.json", {"kind": kind, "arguments": arguments})
    with (job.folder / "log.txt").open("ab") as log:
        if job.status["state"] in ("running", "finished"):
            return name
        process = subprocess.Popen(
            [sys.executable, f"{kind}.py", "--job", name, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    while process.poll() is None and not (job.is_running and job.pid):
        time.sleep(POLL / 5)
    return name


def status(name: str) -> dict[str, Any]:
    facts: dict[str, Any] = _find(name).status
    return facts


def logs(name: str) -> None:
    sys.stdout.write(_find(name).log)


def watch(name: str, after: int) -> dict[str, Any]:
    job = _find(name)
    events = job.folder / "events.jsonl"
    while True:
        facts = job.status
        lines = events.read_text().split("\n")[:-1] if events.exists() else []
        for number, line in enumerate(lines, start=1):
            if number > after and line.endswith("}"):
                print(json.dumps({"line": number, "event": json.loads(line)}), flush=True)
                after = number
        if facts["state"] != "running":
            return {"status": facts}
        time.sleep(POLL)
        _answer()


def cancel(name: str) -> None:
    job = _find(name)
    while job.is_running:
        if job.pid:
            with suppress(ProcessLookupError):
                os.kill(job.pid, signal.SIGTERM)
        time.sleep(POLL)


def fetch(name: str, folder: Path) -> None:
    staged = folder.with_name(f".{folder.name}.{os.getpid()}")
    shutil.copytree(_find(name).folder / "artifact", staged)
    staged.rename(folder)


def describe() -> dict[str, Any]:
    return {
        "provider": "local",
        "task": "echo",
        "algorithm": "echo",
        "title": "Echo",
        "columns": ["text"],
        "metric": "accuracy",
        "has_estimate": True,
        "settings": SETTINGS,
    }


def _find(name: str) -> Job:
    if not (Job(name).folder / "job.json").exists():
        raise Refusal(2, f"No job '{name}'.")
    return Job(name)


def _answer() -> None:
    if Path("down").exists():
        raise Refusal(1, "The provider does not answer.")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("launch", "deploy"):
        start = commands.add_parser(name)
        start.add_argument("--name", required=True)
        start.add_argument("arguments", nargs="*")
    for name in ("status", "logs", "cancel", "watch", "fetch"):
        commands.add_parser(name).add_argument("name")
    commands.choices["watch"].add_argument("--after", type=int, default=0)
    commands.choices["fetch"].add_argument("folder", type=Path)
    commands.add_parser("describe")
    return parser.parse_args()


def main() -> int:
    options = vars(_parse())
    command = globals()[options.pop("command")]
    try:
        _answer()
        answer = command(**options)
    except Refusal as refusal:
        code, sentence = refusal.args
        print(f"error: {sentence}", file=sys.stderr)
        return int(code)
    if answer is not None:
        print(answer if isinstance(answer, str) else json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main())
