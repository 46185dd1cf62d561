"""Everything on this machine with one command, until Ctrl-C: `python -m app.dev`."""

import asyncio
import contextlib
import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from app.core.settings import Settings, read_settings

GRACE = 20  # seconds that a process gets to end by itself
RESTART_AFTER = 2  # seconds; a process that fails at its start must not fill the terminal
COLOURS = (36, 35, 33, 32, 34)
NEW_GROUP = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)  # Windows


class Service:
    """A process that is started again when it ends by itself; its lines carry its name."""

    colours = itertools.cycle(COLOURS)

    def __init__(self, name: str, *command: str) -> None:
        self.name = name
        self.command = command
        self.prefix = _paint(f"{name:8} | ", next(self.colours))
        self.is_stopping = False
        self.process: asyncio.subprocess.Process | None = None

    async def run(self) -> None:
        while not self.is_stopping:
            self.process = await self._start()
            assert self.process.stdout
            async for line in self.process.stdout:
                print(self.prefix + line.decode(errors="replace").rstrip(), flush=True)
            code = await self.process.wait()
            if not self.is_stopping:
                print(f"{self.prefix}ended with code {code}; it starts again.", flush=True)
                await asyncio.sleep(RESTART_AFTER)

    async def stop(self) -> None:
        self.is_stopping = True
        if self.process is None or self.process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            self.process.terminate()
        try:
            await asyncio.wait_for(self.process.wait(), GRACE)
        except TimeoutError:
            self.process.kill()

    async def _start(self) -> asyncio.subprocess.Process:
        # In a group of its own: Ctrl-C comes to this process alone, which ends the others in order.
        return await asyncio.create_subprocess_exec(
            *(sys.executable, *self.command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=os.environ | {"PYTHONUNBUFFERED": "1", "LOG_FORMAT": "plain"},
            start_new_session=True,
            creationflags=NEW_GROUP,
        )


async def serve(settings: Settings) -> None:
    """Run the backend and the worker until a signal; the worker starts the model servers."""
    asked_to_stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _on_signal(asked_to_stop, asyncio.get_running_loop()))
    services = [Service("backend", "-m", "app.main"), Service("worker", "-m", "app.worker")]
    running = [asyncio.create_task(service.run()) for service in services]
    announcement = asyncio.create_task(_announce(settings))
    await asked_to_stop.wait()
    print("\nStopping; Ctrl-C again to end at once.", flush=True)
    announcement.cancel()
    for service in reversed(services):
        await service.stop()
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


def suspend(models: Path) -> None:
    """End what runs on this machine: trainings keep their checkpoints and go on the next time."""
    for script in sorted(models.glob("*/cloud.py")):
        command = [sys.executable, script.name, "suspend"]
        subprocess.run(command, cwd=script.parent, stdout=subprocess.DEVNULL, check=False)


def main() -> int:
    settings = read_settings()
    is_embedded = settings.database_url is None
    try:
        if is_embedded:
            _step("-m", "app.local.postgres", "start")
        _step("-m", "app.migrate")
        asyncio.run(serve(settings))
    except subprocess.CalledProcessError as error:
        return error.returncode
    finally:
        suspend(settings.ml_models_dir)
        if is_embedded:
            _step("-m", "app.local.postgres", "stop")
    return 0


def _step(*command: str) -> None:
    subprocess.run([sys.executable, *command], check=True)


async def _announce(settings: Settings) -> None:
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", settings.port)
        except OSError:
            await asyncio.sleep(0.2)
        else:
            writer.close()
            print(f"Ready: http://127.0.0.1:{settings.port}/docs", flush=True)
            return


def _on_signal(
    asked_to_stop: asyncio.Event, loop: asyncio.AbstractEventLoop
) -> Callable[..., None]:
    def handle(*_: object) -> None:
        if asked_to_stop.is_set():
            raise KeyboardInterrupt
        loop.call_soon_threadsafe(asked_to_stop.set)

    return handle


def _paint(text: str, colour: int) -> str:
    return f"\033[{colour}m{text}\033[0m" if sys.stdout.isatty() else text


if __name__ == "__main__":
    sys.exit(main())
