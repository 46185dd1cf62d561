"""Providers' APIs with real machines: an SSH server each on this one, with a disk and a guard of its own."""

import base64
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from pathlib import Path
from typing import Any

from core.machines import HOME
from tests.rented.cloud import Cloud, Machine
from tests.rented.lambda_cloud import LambdaCloud
from tests.rented.runpod_cloud import RunPodCloud

SSHD = shutil.which("sshd") or "/usr/sbin/sshd"
PASSED_ON = ("HF_HUB_", "PIP_", "REQUESTS_", "SSL_", "UV_", "http_", "https_", "HTTP_", "HTTPS_")
# The machine's own view of the disk: its folder, SSH's, and a user by the name that its image has.
MOUNT = """set -e
mount -t tmpfs none /srv
mkdir {home}
mount --bind {disk} {home}
mount -t tmpfs none /etc/ssh
cat - /etc/passwd > {disk}/passwd <<< '{user}:*:0:0::{home}/home:/bin/bash'
mount --bind {disk}/passwd /etc/passwd
mkdir -p /run/sshd
"""
SSHD_CONFIG = """ListenAddress {host}:{port}
HostKey /etc/ssh/ssh_host_ed25519_key
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


class Host(Cloud):
    """
    Args:
        root: Folder for the disks; its path has no blank in it.
    """

    user: str  # that its images have
    network: str

    def __init__(self, root: Path) -> None:
        super().__init__(root, WallClock())  # type: ignore[arg-type]
        self.network = f"127.{random.randint(1, 250)}.{random.randint(0, 250)}"
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def add(self, name: str, kind: str, usd_per_hour: float, files: dict[str, str]) -> Machine:
        number = f"{len(self.machines) + 2:032x}"  # not 0 or 1, as in any network
        disk = self.root / number
        (disk / "home/.local/bin").mkdir(parents=True)
        (disk / "home/.local/bin/uv").symlink_to(Path(sys.executable).with_name("uv"))
        machine = Machine(number, name, kind, time.time(), None, usd_per_hour)  # type: ignore[arg-type]
        machine.boots = 0.0
        self.machines[number] = machine
        return machine

    def boot(self, machine: Machine, order: Any) -> None:
        """What the provider's machine does with such an order."""
        raise NotImplementedError

    def start(self, machine: Machine, script: str, port: int, **variables: str) -> None:
        """Run the machine's first process, which may start sshd."""
        disk = self.root / machine.id
        passed = {k: v for k, v in os.environ.items() if k.startswith(PASSED_ON)}
        passed |= {"UV_CACHE_DIR": str(self.root.parent.parent / "uv")}  # as an image has it
        environment = " ".join(f'"{name}={value}"' for name, value in passed.items())
        host = f"{self.network}.{int(machine.id, 16)}"
        values = {"host": host, "port": port, "disk": disk, "home": HOME, "user": self.user}
        (disk / "sshd_config").write_text(SSHD_CONFIG.format(**values, environment=environment))
        self.processes[machine.id] = subprocess.Popen(
            ["unshare", "-m", "bash", "-c", MOUNT.format(**values) + script],
            env=os.environ | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def answer(self, method: str, path: str, body: Any) -> Any:
        before = set(self.machines)
        answer = super().answer(method, path, body)
        for number in set(self.machines) - before:
            self.boot(self.machines[number], body)
        return answer

    def end(self, machine: Machine) -> None:
        if machine.ended is not None:
            return
        machine.ended = time.time()
        disk = self.root / machine.id
        leaders = [self.processes[machine.id].pid]
        if (disk / "sshd.pid").exists():
            leaders.append(int((disk / "sshd.pid").read_text()))
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


class LambdaHost(Host, LambdaCloud):
    user = "ubuntu"

    def add(self, name: str, kind: str, usd_per_hour: float, files: dict[str, str]) -> Machine:
        machine = super().add(name, kind, usd_per_hour, files)
        for path, content in files.items():
            (self.root / machine.id / path).write_text(content)
            (self.root / machine.id / path).chmod(0o600)
        return machine

    def boot(self, machine: Machine, order: Any) -> None:
        """What cloud-init does with such a configuration."""
        config = json.loads(order["user_data"].removeprefix("#cloud-config\n"))
        disk = self.root / machine.id
        (disk / "authorized_keys").write_text("\n".join(config["ssh_authorized_keys"]) + "\n")
        (disk / "host").write_text(config["ssh_keys"]["ed25519_private"])
        guard = config["runcmd"][-1]
        guard = " ".join(guard[guard.index("python3") :])
        install = f"install -m 600 {disk}/host /etc/ssh/ssh_host_ed25519_key"
        self.start(machine, f"{install}\n{_sshd(disk)}\nexec {guard}\n", 22)


class RunPodHost(Host, RunPodCloud):
    user = "root"

    def boot(self, machine: Machine, order: Any) -> None:
        """What a container does with such arguments, in an image whose start is elsewhere."""
        disk = self.root / machine.id
        start = f'echo "$PUBLIC_KEY" > {HOME}/authorized_keys\n{_sshd(disk)}\nsleep infinity\n'
        (disk / "start.sh").write_text(f"#!/bin/bash\n{start}")
        (disk / "start.sh").chmod(0o700)
        variables = order["env"] | self.environment(machine.id)
        variables["RENTAL"] = _repack(variables["RENTAL"], "/start.sh", f"{disk}/start.sh")
        port = 22000 + int(machine.id, 16)
        self.start(machine, f"exec {order['args']}\n", port, **variables)


def _sshd(disk: Path) -> str:
    return f"{SSHD} -f {disk}/sshd_config -E {disk}/sshd.log"


def _repack(packed: str, old: str, new: str) -> str:
    """The same files, with another text in one of them."""
    target = io.BytesIO()
    with (
        tarfile.open(fileobj=io.BytesIO(base64.b64decode(packed))) as source,
        tarfile.open(fileobj=target, mode="w:gz") as tar,
    ):
        for entry in source:
            file = source.extractfile(entry)
            assert file is not None
            content = file.read()
            if entry.name == "boot.sh":
                content = content.replace(old.encode(), new.encode())
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return base64.b64encode(target.getvalue()).decode()
