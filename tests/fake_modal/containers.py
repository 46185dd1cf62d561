"""Containers: real processes that run function bodies, with a bill for those that have a GPU."""

import asyncio
import itertools
import os
import signal
import sys
import time
from asyncio.subprocess import PIPE, STDOUT, Process
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from modal_proto import api_pb2 as pb

from tests.fake_modal.apps import App
from tests.fake_modal.calls import FAILURE, POLL, TERMINATED, Calls, Input
from tests.fake_modal.files import Files
from tests.fake_modal.functions import Function
from tests.fake_modal.namespace import HOME, Namespace, inner_process
from tests.fake_modal.rpc import TASK_HEADER
from tests.fake_modal.volumes import View, Volumes

GRACE = 30.0  # seconds between the interrupt and the kill
IDLE = 1.0  # seconds without an input after which a container ends
HEARTBEAT = 0.5  # seconds
TIMEOUT = pb.GenericResult.GENERIC_STATUS_TIMEOUT


@dataclass
class Container:
    id: str
    function: Function
    gpu: pb.GPUConfig
    process: Process
    views: dict[str, View]  # by the volume's id
    started: float = field(default_factory=time.monotonic)
    ended: float | None = None
    inputs: dict[str, Input] = field(default_factory=dict)  # in work
    cancelled: list[str] = field(default_factory=list)
    is_preempted: bool = False
    is_stopping: bool = False
    error: pb.GenericResult | None = None

    @property
    def is_live(self) -> bool:
        return self.ended is None

    @property
    def gpu_seconds(self) -> float:
        return self.gpu.count * ((self.ended or time.monotonic()) - self.started)

    def send(self, number: signal.Signals) -> None:
        inner = inner_process(self.process.pid) if self.is_live else None
        if inner is not None:
            os.kill(inner, number)


class Containers(Calls):
    def __init__(self, folder: Path, files: Files, volumes: Volumes) -> None:
        super().__init__()
        self._folder = folder
        self._files = files
        self._volumes = volumes
        self._container_ids = itertools.count(1)
        self._starting: set[str] = set()  # functions
        self._tasks: set[asyncio.Task[None]] = set()
        self.containers: list[Container] = []
        self.logs: defaultdict[str, list[str]] = defaultdict(list)  # by app
        self.grace = GRACE
        self.server_url = ""

    @property
    def live_gpus(self) -> list[Container]:
        return [each for each in self.containers if each.is_live and each.gpu.count]

    @property
    def billed_seconds(self) -> float:
        """GPU-seconds, all containers together."""
        return sum(each.gpu_seconds for each in self.containers)

    async def preempt(self, container: Container, *, warn: bool = False) -> None:
        """Modal takes the machine: its inputs start again, which costs no retry."""
        container.is_preempted = True
        if warn:
            await self.end(container)
        else:
            container.process.kill()

    def has_work(self, app: App) -> bool:
        own = {key for key, function in self.functions.items() if function.app_id == app.id}
        has_calls = any(c.function_id in own and not c.is_over for c in self.calls.values())
        return has_calls or any(c.is_live and c.function.id in own for c in self.containers)

    def stop(self, app: App) -> None:
        super().stop(app)
        for call in self.calls.values():
            if self.functions[call.function_id].app_id == app.id and not call.is_over:
                self.later(self.cancel(call))
        for container in self.containers:
            if container.function.app_id == app.id and container.is_live:
                self.later(self.end(container))

    async def ensure_container(self, function_id: str) -> None:
        running = any(
            each.is_live and not each.is_stopping and each.function.id == function_id
            for each in self.containers
        )
        if not running and function_id not in self._starting:
            self._starting.add(function_id)
            try:
                await self._start(self.functions[function_id])
            finally:
                self._starting.discard(function_id)

    async def start_waiting(self) -> None:
        for function_id in [key for key, inputs in self.waiting.items() if inputs]:
            await self.ensure_container(function_id)

    async def _start(self, function: Function) -> None:
        definition = self.chosen(function)
        if definition is None:  # until a GPU is free
            return
        key = f"ta-{next(self._container_ids)}"
        scratch = self._folder / key
        home = scratch / f"files{HOME}"
        home.mkdir(parents=True)
        self._files.write_mounts(list(definition.mount_ids), scratch / "files")
        views = {
            mount.volume_id: View(
                self._volumes.path(mount.volume_id), scratch / "volumes" / mount.volume_id
            )
            for mount in definition.volume_mounts
        }
        paths = {m.mount_path: views[m.volume_id].folder for m in definition.volume_mounts}
        arguments = scratch / "arguments.bin"
        arguments.write_bytes(self._arguments(key, function, definition))
        process = await asyncio.create_subprocess_exec(
            *Namespace(scratch, home, paths).command(
                sys.executable, "-m", "modal._container_entrypoint"
            ),
            env=self._environment(key, definition, arguments),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=PIPE,
            stderr=STDOUT,
        )
        gpu = definition.resources.gpu_config
        container = Container(key, function, gpu, process, views)
        self.containers.append(container)
        self.later(self._watch(container))

    def _arguments(self, key: str, function: Function, definition: pb.Function) -> bytes:
        arguments = pb.ContainerArguments(
            task_id=key,
            function_id=function.id,
            app_id=function.app_id,
            function_def=definition,
            app_layout=self.layout(self.apps[function.app_id]),
            environment_name="main",
            serialized_params=function.parameters,
        )
        return bytes(arguments.SerializeToString())

    def _environment(self, key: str, definition: pb.Function, arguments: Path) -> dict[str, str]:
        """Nothing of this machine's environment reaches a container."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(HOME),
            "TMPDIR": str(arguments.parent),
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(HOME),
            "PYTHONDONTWRITEBYTECODE": "1",
            "MODAL_SERVER_URL": self.server_url,
            "MODAL_TASK_ID": key,
            "MODAL_IS_REMOTE": "1",
            "MODAL_HEARTBEAT_INTERVAL": str(HEARTBEAT),
            "MODAL_OVERRIDE_HEADERS": f"{TASK_HEADER}:{key}",
            "MODAL_CONTAINER_ARGUMENTS_PATH": str(arguments),
            **self._files.environment(definition),
        }

    async def _watch(self, container: Container) -> None:
        assert container.process.stdout
        log = self.logs[container.function.app_id]
        async for line in container.process.stdout:
            log.append(line.decode(errors="replace"))
        code = await container.process.wait()
        container.ended = time.monotonic()
        for entry in list(container.inputs.values()):
            await self._after_death(container, entry, code)
        if container.error:
            for entry in self.waiting.pop(container.function.id, []):
                await self.finish(entry, container.error)
        elif self.waiting[container.function.id]:
            await self.ensure_container(container.function.id)

    async def _after_death(self, container: Container, entry: Input, code: int) -> None:
        del container.inputs[entry.id]
        if self.calls[entry.call_id].is_cancelled:
            await self.finish(entry, pb.GenericResult(status=TERMINATED))
        elif container.is_preempted:
            await self.again(entry)
        else:
            died = pb.GenericResult(status=FAILURE, exception=f"The container exited with {code}.")
            await self.finish(entry, container.error or died)

    async def end(self, container: Container) -> None:
        """The interrupt, and the kill for what does not heed it."""
        container.is_stopping = True
        container.send(signal.SIGINT)
        deadline = time.monotonic() + self.grace
        while container.is_live and time.monotonic() < deadline:
            await asyncio.sleep(POLL)
        if container.is_live:
            container.process.kill()

    async def limit(self, container: Container, entry: Input, seconds: int) -> None:
        await asyncio.sleep(seconds)
        if container.is_live and entry.id in container.inputs:
            message = f"Function exceeded {seconds} s."
            container.error = pb.GenericResult(status=TIMEOUT, exception=message)
            await self.end(container)

    def interrupt(self, entry: Input, terminate: bool) -> None:
        for container in self.containers:
            if entry.id in container.inputs:
                container.cancelled.append(entry.id)
                self.later(self.end(container) if terminate else self._insist(container, entry))

    async def _insist(self, container: Container, entry: Input) -> None:
        deadline = time.monotonic() + self.grace
        while container.is_live and entry.id in container.inputs:
            if time.monotonic() > deadline:
                container.process.kill()
            await asyncio.sleep(POLL)

    def later(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
