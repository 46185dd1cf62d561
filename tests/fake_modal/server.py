"""Starts the fake in a thread, and says how a client reaches it and nothing else."""

import asyncio
import base64
import json
import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import grpclib.server
from aiohttp import web
from modal_proto import api_pb2 as pb

from tests.fake_modal.files import BUILDER, Files
from tests.fake_modal.rpc import Router
from tests.fake_modal.volumes import Blocks, Volumes
from tests.fake_modal.web import Web
from tests.fake_modal.work import Work

PATIENCE = 20.0  # seconds without a heartbeat after which a client is gone
TOKEN = {"MODAL_TOKEN_ID": "ak-of-a-test", "MODAL_TOKEN_SECRET": "as-of-a-test"}
RATES = {"cpu_hour_cost": "0.04730", "gpu_hour_cost_a10g": "1.10", "mem_gib_hour_cost": "0.00800"}

Result = TypeVar("Result")


class FakeModal(Work):
    def __init__(self, folder: Path) -> None:
        self.blocks = Blocks(folder / "blocks")
        self.files = Files(self.blocks)
        self.volumes = Volumes(folder / "volumes", self.blocks)
        super().__init__(folder / "containers", self.files, self.volumes)
        self.folder = folder
        self.patience = PATIENCE
        self.trace: list[str] = []  # what clients asked for, containers aside
        self.on_call: Callable[[str], None] = lambda name: None
        self.router = Router((self, self.files, self.volumes), self.observe)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def do(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Run something in the fake's own thread."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def observe(self, name: str, request: object) -> None:
        self.trace.append(name)
        self.on_call(name)

    @contextmanager
    def running(self) -> Iterator["FakeModal"]:
        self._thread.start()
        server, runner = self.do(self._serve())
        try:
            yield self
        finally:
            self.do(self._close(server, runner))
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(10)

    async def _serve(self) -> tuple[grpclib.server.Server, web.AppRunner]:
        runner, self.url = await Web(self.blocks, self).start()
        self.volumes.url = self.url
        server = grpclib.server.Server([self.router])
        listener = socket.create_server(("127.0.0.1", 0))
        await server.start(sock=listener)
        self.server_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self.later(self._collect())
        return server, runner

    async def _collect(self) -> None:
        while True:
            await asyncio.sleep(0.2)
            self.collect(self.patience)
            await self.start_waiting()

    async def _close(self, server: grpclib.server.Server, runner: web.AppRunner) -> None:
        for container in self.containers:
            if container.is_live:
                container.process.kill()
                await container.process.wait()
        for task in self._tasks:
            task.cancel()
        server.close()
        await runner.cleanup()

    def environment(self, **more: str) -> dict[str, str]:
        """For a client: this server, a token of a test, and none of what the user has."""
        assert self.server_url.startswith("http://127.0.0.1:")  # an empty one means the real Modal
        kept = {key: value for key, value in os.environ.items() if not key.startswith("MODAL_")}
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        return kept | {
            "HOME": str(home),
            "MODAL_CONFIG_PATH": str(home / "modal.toml"),
            "MODAL_SERVER_URL": self.server_url,
            "MODAL_HEARTBEAT_INTERVAL": "1",
            "MODAL_LOGS_TIMEOUT": "3",
            **TOKEN,
            **more,
        }

    @property
    def log(self) -> str:
        """What all containers printed."""
        return "".join(line for lines in self.logs.values() for line in lines)

    def wait_until(self, happened: Callable[[], object], seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not happened():
            assert time.monotonic() < deadline, self.log
            time.sleep(0.02)

    def ClientHello(self, request: object) -> Any:
        return pb.ClientHelloResponse()

    def AuthTokenGet(self, request: object) -> Any:
        parts = ({"alg": "none"}, {"exp": int(time.time()) + 3600})
        encoded = (base64.urlsafe_b64encode(json.dumps(part).encode()) for part in parts)
        token = ".".join(part.rstrip(b"=").decode() for part in encoded)
        return pb.AuthTokenGetResponse(token=f"{token}.x")

    def EnvironmentGetOrCreate(self, request: object) -> Any:
        settings = pb.EnvironmentSettings(image_builder_version=BUILDER)
        facts = pb.EnvironmentMetadata(name="main", settings=settings)
        return pb.EnvironmentGetOrCreateResponse(environment_id="en-1", metadata=facts)

    def WorkspaceNameLookup(self, request: object) -> Any:
        return pb.WorkspaceNameLookupResponse(workspace_name="test", username="test")

    def WorkspaceBillingRates(self, request: object) -> Any:
        return pb.WorkspaceBillingRatesResponse(rates=RATES)


def can_isolate() -> bool:
    """Whether this machine lets a test make namespaces."""
    command = ["unshare", "--mount", "--pid", "--fork", "--kill-child=KILL"]
    if os.geteuid():
        command.append("--map-root-user")
    try:
        script = "mount -t tmpfs tmpfs /mnt && mount -t proc proc /proc"
        command += ["sh", "-ec", script]
        return not subprocess.run(command, capture_output=True, check=False).returncode
    except FileNotFoundError:
        return False
