"""The backend of a generated project, as its users start it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx


class Backend:
    """The API and a worker, on a database of their own."""

    def __init__(self, project: Path, data: Path, **environment: str) -> None:
        self.folder = project / "backend"
        self.data = data
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.environment = {
            **os.environ,
            "ML_DATA_DIR": str(data),
            "PORT": str(port),
            "PUBLIC_URL": self.url,
            "PYTHONPATH": str(project / "ml"),  # a project installs `core` instead
            "HF_HUB_OFFLINE": "1",
            **environment,
        }

    def __call__(self, *module: str) -> None:
        command = [sys.executable, "-m", *module]
        subprocess.run(command, cwd=self.folder, env=self.environment, check=True)

    @contextmanager
    def running(self) -> Iterator[None]:
        with ExitStack() as stack:
            self("app.local.postgres", "start")
            stack.callback(self, "app.local.postgres", "stop")
            self("app.migrate")
            stack.callback(self._stop_models)
            for module in ("app.worker", "app.main"):
                stack.enter_context(self._process(module))
            wait_until(self._is_ready, self.data / "app.main.log")
            yield

    def _stop_models(self) -> None:
        """Those in production, which outlive the worker."""
        for program in self.folder.parent.glob("ml/*/cloud.py"):
            command = [sys.executable, program.name, "suspend"]
            subprocess.run(command, cwd=program.parent, env=self.environment, check=True)

    @contextmanager
    def _process(self, module: str) -> Iterator[None]:
        path = self.data / f"{module}.log"
        with path.open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", module],
                cwd=self.folder,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            yield
        finally:
            process.terminate()
            assert process.wait(20) in (0, -signal.SIGTERM), path.read_text()

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", trust_env=False).is_success
        except httpx.TransportError:
            return False


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


def wait_until(condition: Callable[[], bool], log: Path, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)
