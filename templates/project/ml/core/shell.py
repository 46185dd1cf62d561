"""A rented machine over SSH: `node.py` there is asked, and answers."""

import json
import shlex
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Protocol

from core.errors import ProviderError
from core.machines import HOME, Address

CHUNK = 1 << 20  # bytes
CONNECT = 15  # seconds
OPTIONS = {
    "BatchMode": "yes",
    "ConnectTimeout": str(CONNECT),
    "IdentitiesOnly": "yes",
    "LogLevel": "ERROR",
    "ServerAliveCountMax": "3",
    "ServerAliveInterval": "10",
    "StrictHostKeyChecking": "yes",
}
NO_CONNECTION = 255  # exit code of ssh; all others are those of the command


class Unreachable(ProviderError):
    """The machine does not answer, now or for good."""


class Shell(Protocol):
    """Runs `node.py` on a rented machine."""

    def read(self, *command: str) -> Iterator[bytes]:
        """What it prints.

        Raises:
            Unreachable: The machine does not answer.
            ProviderError: The command failed there.
        """

    def ask(self, *command: str, given: object = None) -> Any:
        """The JSON that it prints; None if nothing."""

    def send(self, source: IO[bytes], *command: str) -> None:
        """Give it the rest of a file."""

    def tunnel(self, local: int, remote: int) -> "subprocess.Popen[bytes]":
        """A process that makes a port of the machine one of this one, while it lives."""


class Ssh:
    """
    Args:
        keys: Folder with `id`, the private key to log in with, and `known_hosts`.
    """

    def __init__(self, address: Address, keys: Path) -> None:
        options = OPTIONS | {"UserKnownHostsFile": str(keys / "known_hosts")}
        flags = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
        place = ["-p", str(address.port), "-l", address.user, address.host]
        self._ssh = ["ssh", *flags, "-i", str(keys / "id"), *place]

    def read(self, *command: str) -> Iterator[bytes]:
        with self._run(command, stdin=subprocess.DEVNULL) as process:
            assert process.stdout is not None
            while chunk := process.stdout.read(CHUNK):
                yield chunk
            self._finish(process)

    def ask(self, *command: str, given: object = None) -> Any:
        with self._run(command, stdin=subprocess.PIPE) as process:
            out, err = process.communicate(json.dumps(given).encode())
            self._require_success(process.returncode, err)
        return json.loads(out) if out.strip() else None

    def send(self, source: IO[bytes], *command: str) -> None:
        with self._run(command, stdin=subprocess.PIPE) as process:
            assert process.stdin is not None
            try:
                while chunk := source.read(CHUNK):
                    process.stdin.write(chunk)
                process.stdin.close()
            except BrokenPipeError:  # the connection is gone: its exit code says so
                pass
            self._finish(process)

    def tunnel(self, local: int, remote: int) -> "subprocess.Popen[bytes]":
        """A process that makes a port of the machine one of this one, while it lives."""
        forward = ["-N", "-L", f"127.0.0.1:{local}:127.0.0.1:{remote}"]
        command = [self._ssh[0], *forward, *self._ssh[1:]]
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)

    def _run(self, command: Sequence[str], stdin: int) -> "subprocess.Popen[bytes]":
        remote = shlex.join(["python3", f"{HOME}/node.py", *command])
        return subprocess.Popen(
            [*self._ssh, remote],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for the training, which ends by our word
        )

    def _finish(self, process: "subprocess.Popen[bytes]") -> None:
        assert process.stderr is not None
        said = process.stderr.read()
        self._require_success(process.wait(), said)

    def _require_success(self, code: int, said: bytes) -> None:
        last = said.decode("utf-8", errors="replace").strip().rpartition("\n")[2]
        if code == NO_CONNECTION:
            raise Unreachable(f"The machine can't be reached: {last}.")
        if code:
            raise ProviderError(f"A command failed on the machine: {last}.")


def create_keys(folder: Path) -> None:
    """Make the pairs `id`, to log in with, and `host`, by which the machine is known."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in ("id", "host"):
        for path in (folder / name, folder / f"{name}.pub"):
            path.unlink(missing_ok=True)
        make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(folder / name)]
        try:
            subprocess.run(make, check=True, capture_output=True)
        except FileNotFoundError:
            message = "ssh is missing on this machine: install OpenSSH's client."
            raise ProviderError(message) from None


def trust(folder: Path, address: Address) -> None:
    """Know the machine at that address by the key that it was given, and by no other."""
    host = address.host if address.port == 22 else f"[{address.host}]:{address.port}"
    key = (folder / "host.pub").read_text("utf-8").strip()
    (folder / "known_hosts").write_text(f"{host} {key}\n", "utf-8")
