"""Everything on this machine with one command, until Ctrl-C: `python -m app.dev`."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from app.core.settings import Settings, read_settings
from app.local.services import Service
from app.local.web import web_service


async def serve(settings: Settings) -> None:
    """Run all of it until a signal; the worker starts the model servers."""
    asked_to_stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _on_signal(asked_to_stop, asyncio.get_running_loop()))
    addresses = {f"http://127.0.0.1:{settings.port}/docs": settings.port}
    services = [_module("backend", "app.main"), _module("worker", "app.worker")]
    if web := web_service(settings):
        services.append(web)
        addresses[f"http://localhost:{settings.web_port}"] = settings.web_port
    running = [asyncio.create_task(service.run()) for service in services]
    announcement = asyncio.create_task(_announce(addresses))
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


def _module(name: str, module: str) -> Service:
    return Service(name, [sys.executable, "-m", module])


async def _announce(addresses: dict[str, int]) -> None:
    """Say where everything is, once everything answers."""
    for port in addresses.values():
        await _answer(port)
    for address in addresses:
        print(f"Ready: {address}", flush=True)


async def _answer(port: int) -> None:
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.2)
        else:
            writer.close()
            return


def _on_signal(
    asked_to_stop: asyncio.Event, loop: asyncio.AbstractEventLoop
) -> Callable[..., None]:
    def handle(*_: object) -> None:
        if asked_to_stop.is_set():
            raise KeyboardInterrupt
        loop.call_soon_threadsafe(asked_to_stop.set)

    return handle


if __name__ == "__main__":
    sys.exit(main())
