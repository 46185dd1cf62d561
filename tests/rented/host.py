"""Lambda's API with real machines: an SSH server each on this one, with a disk and a guard of its own."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from core.machines import HOME
from tests.rented.cloud import Machine
from tests.rented.lambda_cloud import LambdaCloud

SSHD = shutil.which("sshd") or "/usr/sbin/sshd"
PASSED_ON = ("PIP_", "REQUESTS_", "SSL_", "UV_", "http_", "https_", "HTTP_", "HTTPS_")
# The machine's own view of the disk: its folder, and a user by the name that Lambda's images have.
START = """set -e
mount -t tmpfs none /srv
mkdir {home}
mount --bind {disk} {home}
cat /etc/passwd - > {disk}/passwd <<< 'ubuntu:*:0:0::{home}/home:/bin/bash'
mount --bind {disk}/passwd /etc/passwd
mkdir -p /run/sshd
{sshd} -f {disk}/sshd_config -E {disk}/sshd.log
exec {guard}
"""
SSHD_CONFIG = """ListenAddress {host}:22
HostKey {disk}/host
AuthorizedKeysFile {home}/authorized_keys
PidFile {disk}/sshd.pid
PasswordAuthentication no
PermitRootLogin prohibit-password
StrictModes no
UsePAM no
SetEnv {environment}
"""


class WallClock:
    """Time that passes by itself, for a provider that bills it."""

    listeners: list[Any] = []  # noqa: RUF012

    def time(self) -> float:
        return time.time()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def can_host() -> bool:
    """Whether this machine lets us start others of its kind."""
    if not Path(SSHD).exists() or os.name != "posix" or os.geteuid():
        return False
    return subprocess.run(["unshare", "-m", "true"], check=False).returncode == 0


class LambdaHost(LambdaCloud):
    """
    Args:
        root: Folder for the disks; its path has no blank in it.
    """

    def __init__(self, root: Path) -> None:
        super().__init__(root, WallClock())  # type: ignore[arg-type]
        self.network = f"127.{random.randint(1, 250)}.{random.randint(0, 250)}"
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def add(self, name: str, kind: str, usd_per_hour: float, files: dict[str, str]) -> Machine:
        number = f"{len(self.machines) + 2:032x}"  # not 0 or 1, as in any network
        disk = self.root / number
        (disk / "home/.local/bin").mkdir(parents=True)
        (disk / "home/.local/bin/uv").symlink_to(Path(sys.executable).with_name("uv"))
        for path, content in files.items():
            (disk / path).write_text(content)
            (disk / path).chmod(0o600)
        machine = Machine(number, name, kind, time.time(), None, usd_per_hour)  # type: ignore[arg-type]
        machine.boots = 0.0
        self.machines[number] = machine
        return machine

    def boot(self, machine: Machine, config: dict[str, Any]) -> None:
        """What cloud-init does with such a configuration."""
        disk = self.root / machine.id
        (disk / "authorized_keys").write_text("\n".join(config["ssh_authorized_keys"]) + "\n")
        (disk / "host").write_text(config["ssh_keys"]["ed25519_private"])
        (disk / "host").chmod(0o600)
        passed = {k: v for k, v in os.environ.items() if k.startswith(PASSED_ON)}
        passed |= {"UV_CACHE_DIR": str(self.root.parent.parent / "uv")}  # as an image has it
        environment = " ".join(f'"{name}={value}"' for name, value in passed.items()) or '"A=B"'
        values = {"host": f"{self.network}.{int(machine.id, 16)}", "disk": disk, "home": HOME}
        (disk / "sshd_config").write_text(SSHD_CONFIG.format(**values, environment=environment))
        guard = config["runcmd"][-1]
        guard = " ".join(guard[guard.index("python3") :])
        script = START.format(**values, sshd=SSHD, guard=guard)
        self.processes[machine.id] = subprocess.Popen(
            ["unshare", "-m", "bash", "-c", script],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def answer(self, method: str, path: str, body: Any) -> Any:
        before = set(self.machines)
        answer = super().answer(method, path, body)
        for number in set(self.machines) - before:
            config = json.loads(body["user_data"].removeprefix("#cloud-config\n"))
            self.boot(self.machines[number], config)
        return answer

    def end(self, machine: Machine) -> None:
        if machine.ended is not None:
            return
        machine.ended = time.time()
        disk = self.root / machine.id
        leaders = [self.processes[machine.id].pid]
        for name in ("sshd.pid", "training.pid"):
            if (disk / name).exists():
                leaders.append(int((disk / name).read_text()))
        if (disk / "process.json").exists():
            leaders.append(json.loads((disk / "process.json").read_text())["pid"])
        for pid in leaders:
            for kill in (os.killpg, os.kill):
                try:
                    kill(pid, signal.SIGKILL)
                except (ProcessLookupError, PermissionError):
                    continue

    def tick(self, now: float) -> None:
        pass

    def close(self) -> None:
        for machine in self.live:
            self.end(machine)
        super().close()
