"""Server-sent events: an answer that goes on, to clients that may stop reading."""

import asyncio
import signal
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager
from types import FrameType

import structlog
from starlette.responses import StreamingResponse
from starlette.types import Message, Send

log = structlog.get_logger(__name__)

SENDING = 30.0  # seconds; a client that reads nothing for longer is dropped
HEADERS = {
    "Cache-Control": "no-cache, no-transform",  # compression would hold events back
    "X-Accel-Buffering": "no",
}


class EventStream(StreamingResponse):
    media_type = "text/event-stream"

    def __init__(self, frames: AsyncGenerator[bytes], sending: float = SENDING) -> None:
        super().__init__(frames, headers=HEADERS)
        self._frames = frames
        self._sending = sending

    async def stream_response(self, send: Send) -> None:
        async def send_in_time(message: Message) -> None:
            async with asyncio.timeout(self._sending):
                await send(message)

        async with aclosing(self._frames):
            try:
                await super().stream_response(send_in_time)
            except TimeoutError:  # the server closes an answer that does not end
                log.info("A watcher that reads nothing is dropped.")


@contextmanager
def heeded_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` when the server is told to end: it waits for all answers before it does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    former = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def handle(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(stop)
        handler = former[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)

    # Where nobody handles a signal, it ends the process, and no stream outlives that.
    heeded = [number for number, handler in former.items() if callable(handler)]
    for number in heeded:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for number in heeded:
            signal.signal(number, former[number])
