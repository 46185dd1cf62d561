"""Generates with vLLM, where it is installed and was built for what this machine has."""

import asyncio
import importlib.util
import os
import signal
import threading
import uuid
from collections.abc import Sequence
from multiprocessing import resource_tracker
from typing import Any

from core.errors import ArtifactError, ModelUnavailable
from core.generation import Cancel, Deliver, Finish, Full, Piece, Sampling
from core.vllm_arguments import Weights, engine_arguments, lora_request, sampling_parameters

SLOTS = 256  # answers that are worked on at once; vLLM itself decides which
WAITING = 1024  # requests on their way; more are refused
ENVIRONMENT = {
    "VLLM_WORKER_MULTIPROC_METHOD": "spawn",  # a fork of a process with threads can hang
    "VLLM_NO_USAGE_STATS": "1",  # else it tells its makers which model runs here
}


def is_available() -> bool:
    if importlib.util.find_spec("vllm") is None:
        return False
    from vllm.platforms import current_platform

    return not current_platform.is_unspecified()


class VllmEngine:
    """vLLM computes in a process of its own; a thread here talks to it.

    Args:
        ends: Tokens that end an answer.

    Raises:
        ArtifactError: vLLM refuses the model or its adapter.
    """

    slots = SLOTS
    _llm: Any = None  # until it is open

    def __init__(self, weights: Weights, ends: Sequence[int]) -> None:
        arguments = engine_arguments(weights)
        self._ends = list(ends)
        self._lora = lora_request(weights)
        self._room = threading.Semaphore(WAITING)
        self._answering: set[asyncio.Task[None]] = set()
        self._closing = False
        self._failure: ModelUnavailable | None = None
        self._loop = asyncio.new_event_loop()  # vLLM's own: callers come from any thread
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self._open(arguments), self._loop).result()
        except Exception as error:
            self.close()
            reason = (str(error) or repr(error)).splitlines()[0].rstrip(".")
            raise ArtifactError(
                f"vLLM cannot serve {weights.adapter or weights.model}: {reason}. Its log above says"
                " more; where vLLM is not installed, transformers serves."
            ) from error
        self.max_length: int = self._llm.model_config.max_model_len

    @property
    def failure(self) -> Exception | None:
        """What it cannot go on after."""
        if not self._closing and self._llm.errored:
            self._failure = ModelUnavailable(
                "vLLM's process has ended; its log above says why. Start the server again."
            )
        return self._failure

    def submit(self, ids: Sequence[int], sampling: Sampling, deliver: Deliver) -> Cancel:
        if self._closing or not self._room.acquire(blocking=False):
            raise Full
        answering = asyncio.run_coroutine_threadsafe(
            self._answer(list(ids), sampling, deliver), self._loop
        )
        answering.add_done_callback(lambda _: self._room.release())

        def cancel() -> None:
            answering.cancel()

        return cancel

    def close(self) -> None:
        """Drop what is not finished, and end vLLM's process and the thread."""
        self._closing = True
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _run(self) -> None:
        # What vLLM starts inherits this: Ctrl-C drains the server first, which then ends vLLM.
        resource_tracker.ensure_running()  # its start, which spawning brings, would undo it
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        self._loop.run_forever()

    async def _open(self, arguments: Any) -> None:
        for name, value in ENVIRONMENT.items():
            os.environ.setdefault(name, value)
        from vllm.v1.engine.async_llm import AsyncLLM

        self._llm = AsyncLLM.from_engine_args(arguments)
        if self._lora:
            await self._llm.add_lora(self._lora)  # else the first request would

    async def _end(self) -> None:
        for answering in self._answering:
            answering.cancel()
        await asyncio.gather(*self._answering, return_exceptions=True)
        if self._llm is not None:
            self._llm.shutdown()  # on its loop, where it would else take this for a failure

    async def _answer(self, ids: list[int], sampling: Sampling, deliver: Deliver) -> None:
        from vllm.inputs import tokens_input

        tokens = 0
        task = asyncio.current_task()
        assert task
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)
        try:
            async for output in self._llm.generate(
                tokens_input(ids),
                sampling_parameters(sampling, self._ends),
                request_id=uuid.uuid4().hex,
                lora_request=self._lora,
            ):
                part = output.outputs[0]
                tokens += len(part.token_ids)
                deliver(Piece(part.text, tokens, _finish(part.finish_reason)))
        except asyncio.CancelledError:
            if self._closing:
                deliver(Full("The server is going down."))
            raise
        except Exception as error:  # noqa: BLE001 - goes to the one that asked
            deliver(error)


def _finish(reason: str | None) -> Finish | None:
    """
    Raises:
        RuntimeError: vLLM gave up.
    """
    if reason in ("abort", "error"):
        raise RuntimeError(f"vLLM ended the answer: {reason}.")
    if reason is None:
        return None
    return "length" if reason == "length" else "stop"
