"""The commands of `python cloud.py`: trainings and servers in the background, here or on rented machines.

Options of train.py and serve.py go behind `--`. Programs read what each command prints: the name
of a job, one JSON value, JSON lines (watch), or the log as it is.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from core.errors import ArtifactError, ExitCode, UserError
from core.jobs import Job, end

POLL = 0.2  # seconds


class Provider(Protocol):
    """Where a model trains and serves when it is not on this machine."""

    def rentals(self) -> Sequence[dict[str, Any]]:
        """Everything of this model that costs money there, whoever started it; "name" tells which."""

    def end(self, name: str) -> None:
        """End it, and return once the provider no longer lists it."""


class Commands:
    """What `python cloud.py` can be told."""

    def __init__(self, place: str, provider: Callable[[], Provider] | None) -> None:
        self._place = place
        self._provider = provider
        self._options = () if provider is None else ("--cloud",)

    def launch(self, name: str | None, arguments: list[str]) -> str:
        """Make a training run: nothing happens while it does or once it has finished, else it goes on."""
        return self._start("train", name, arguments, self._options)

    def deploy(self, name: str | None, arguments: list[str]) -> str:
        """Make a server run, on a free port of this machine unless --port names one."""
        return self._start("serve", name, arguments)

    def _start(
        self, kind: str, name: str | None, arguments: list[str], options: Sequence[str] = ()
    ) -> str:
        job = Job.create(name, kind, options)
        job.start(arguments)
        return job.name

    def status(self, name: str) -> dict[str, Any]:
        """State, exit code, reason of a failure, address and cost of a job."""
        return Job.find(name).status

    def watch(self, name: str, after: int) -> None:
        """Print the events of a job, those behind line AFTER, until it no longer runs; then its status."""
        job = Job.find(name)
        events = Events(job)
        while True:
            facts = job.status  # before the events: what is written by then is read
            for line, event in events.read():
                if line > after:
                    print(json.dumps({"line": line, "event": event}), flush=True)
            if facts["state"] != "running":
                break
            time.sleep(POLL)
        print(json.dumps({"status": facts}), flush=True)

    def fetch(self, name: str, folder: Path) -> str:
        """Copy the finished artifact to FOLDER, which must not exist: whole and checked, or not at all."""
        from core.transfer import copy_artifact  # brings pydantic, which no other command needs

        job = Job.find(name)
        if job.artifact is None:
            raise ArtifactError(f"{name} has no artifact to fetch; its state is {job.state}.")
        copy_artifact(job.artifact, folder)
        return str(folder)

    def push(self, artifact: Path, destination: str) -> None:
        """Send an artifact to hf://owner/name or supabase://bucket/folder; what is there is not sent again."""
        from core.push import push, told

        address = destination or told(artifact)
        if not address:
            raise UserError(f"Where to? Write python cloud.py push {artifact} hf://owner/name.")
        push(artifact, address)

    def pull(self, source: str, folder: Path) -> str:
        """Bring an artifact that was pushed to FOLDER, which must not exist: whole and checked, or not at all."""
        from core.pull import pull

        pull(source, folder)
        return str(folder)

    def logs(self, name: str, after: int) -> None:
        """Print the log, from byte AFTER on."""
        with Job.find(name).log.open("rb") as log:
            log.seek(after)
            sys.stdout.buffer.write(log.read())

    def cancel(self, name: str) -> dict[str, Any]:
        """End a job; a training keeps a checkpoint. Prints its status."""
        job = Job.find(name)
        end([job])
        return job.status

    def ps(self) -> list[dict[str, Any]]:
        """Print what of this model costs money right now, wherever it was started."""
        return [*self._provider().rentals()] if self._provider else []

    def reap(self) -> list[str]:
        """Cancel all that runs, and end whatever else costs money; prints the names."""
        running = [job for job in Job.all() if job.process]
        end(running)
        names = [job.name for job in running]
        if self._provider:
            provider = self._provider()
            for name in [rental["name"] for rental in provider.rentals()]:
                provider.end(name)
                names.append(name)
        return names

    def suspend(self) -> list[str]:
        """This machine goes down: end what runs on it, and leave alone what runs elsewhere; prints the names."""
        running = [job for job in Job.all() if job.process]
        end(running, ask=self._provider is None)  # one that is asked would end its machine too
        return [job.name for job in running]

    def jobs(self) -> list[str]:
        """Print the names of all jobs."""
        return [job.name for job in Job.all()]

    def describe(self) -> dict[str, Any]:
        """What this model learns, and every setting with its limits: for forms."""
        command = [sys.executable, "train.py", "--describe"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise UserError(done.stderr.strip().removeprefix("error: "))
        return {"provider": self._place, **json.loads(done.stdout)}


class Events:
    """The events of all runs of a job, whole lines only, each read once.

    Lines count from 1 over all runs. Half a line that a killed machine left, and that a later
    event follows, keeps its number and is passed over.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self.line = 0
        self.offsets: dict[Path, int] = {}

    def read(self) -> Iterator[tuple[int, dict[str, Any]]]:
        for run in self.job.runs:
            for content in self._lines(run):
                self.line += 1
                try:
                    event = json.loads(content, parse_constant=lambda _: None)  # NaN is no JSON
                except ValueError:
                    continue
                yield self.line, event

    def _lines(self, run: Path) -> list[bytes]:
        path = run / "events.jsonl"
        if not path.is_file():
            return []
        with path.open("rb") as file:
            offset = file.seek(self.offsets.get(run, 0))
            content = file.read()
        whole = content[: content.rfind(b"\n") + 1]
        self.offsets[run] = offset + len(whole)
        return whole.split(b"\n")[:-1]


def run_commands(place: str, provider: Callable[[], Provider] | None = None) -> int:
    """Do what the command line says.

    Args:
        place: Name of the provider.
        provider: Makes it; none where everything runs on this machine.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(ExitCode.TERMINATED))  # and clean up
    commands = Commands(place, provider)
    options = vars(_parse(commands))
    command = getattr(commands, options.pop("command"))
    try:
        answer = command(**options)
        if answer is not None:
            print(answer if isinstance(answer, str) else json.dumps(answer, indent=2))
        sys.stdout.flush()
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:  # the reader has gone; nothing is to be flushed at the exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.BUG
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    return ExitCode.OK


def _parse(can: Commands) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for start in (_add(commands, can.launch), _add(commands, can.deploy)):
        start.add_argument("--name", help="lower-case letters, digits and dashes; else one is made")
        start.add_argument("arguments", nargs="*", metavar="ARGS")
    for known in (can.status, can.watch, can.fetch, can.logs, can.cancel):
        _add(commands, known).add_argument("name", metavar="NAME")
    commands.choices["watch"].add_argument("--after", type=int, default=0, metavar="LINE")
    commands.choices["logs"].add_argument("--after", type=int, default=0, metavar="BYTE")
    commands.choices["fetch"].add_argument("folder", type=Path, metavar="FOLDER")
    push = _add(commands, can.push)
    push.add_argument("artifact", type=Path, metavar="ARTIFACT")
    push.add_argument(
        "destination", nargs="?", default="", metavar="DESTINATION", help="else as --push said"
    )
    pull = _add(commands, can.pull)
    pull.add_argument("source", metavar="SOURCE")
    pull.add_argument("folder", type=Path, metavar="FOLDER")
    for general in (can.ps, can.reap, can.suspend, can.jobs, can.describe):
        _add(commands, general)
    return parser.parse_args()


def _add(commands: Any, command: Callable[..., Any]) -> argparse.ArgumentParser:
    about = command.__doc__
    parser: argparse.ArgumentParser = commands.add_parser(
        command.__name__, help=about, description=about
    )
    return parser
