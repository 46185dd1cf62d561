"""Processes that run until they are stopped; what they say carries their names."""

import asyncio
import contextlib
import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

GRACE = 20  # seconds that a process gets to end by itself
RESTART_AFTER = 2  # seconds; a process that fails at its start must not fill the terminal
COLOURS = (36, 35, 33, 32, 34)
NEW_GROUP = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)  # Windows


class Service:
    """A process that is started again when it ends by itself."""

    colours = itertools.cycle(COLOURS)

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        folder: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.command = command
        self.folder = folder
        self.environment = environment or {}
        self.prefix = _paint(f"{name:8} | ", next(self.colours))
        self.is_stopping = False
        self.process: asyncio.subprocess.Process | None = None

    async def run(self) -> None:
        while not self.is_stopping:
            self.process = await self._start()
            assert self.process.stdout
            async for line in self.process.stdout:
                if text := line.decode(errors="replace").rstrip():
                    print(self.prefix + text, flush=True)
            code = await self.process.wait()
            if not self.is_stopping:
                print(f"{self.prefix}ended with code {code}; it starts again.", flush=True)
                await asyncio.sleep(RESTART_AFTER)

    async def stop(self) -> None:
        self.is_stopping = True
        if self.process is None or self.process.returncode is not None:
            return
        await self._end(self.process)
        try:
            await asyncio.wait_for(_ended(self.process), GRACE)
        except TimeoutError:
            self.process.kill()

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()

    async def _start(self) -> asyncio.subprocess.Process:
        # In a group of its own: Ctrl-C comes to this process alone, which ends the others in order.
        return await asyncio.create_subprocess_exec(
            *self.command,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1", "LOG_FORMAT": "plain", **self.environment},
            start_new_session=True,
            creationflags=NEW_GROUP,
        )


class Family(Service):
    """A process that has children, none of whom may be left behind."""

    async def stop(self) -> None:
        try:
            await super().stop()
        finally:
            if self.process and sys.platform != "win32":
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self.process.pid, signal.SIGKILL)

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        if sys.platform != "win32":
            return await super()._end(process)
        command = ("taskkill", "/t", "/f", "/pid", str(process.pid))
        await (await asyncio.create_subprocess_exec(*command, stdout=subprocess.DEVNULL)).wait()


async def _ended(process: asyncio.subprocess.Process) -> None:
    # `wait()` also waits for the pipe, which children hold open (python/cpython#119710).
    while process.returncode is None:
        await asyncio.sleep(0.02)


def _paint(text: str, colour: int) -> str:
    return f"\033[{colour}m{text}\033[0m" if sys.stdout.isatty() else text
