"""Generates with vLLM, where there is a GPU and `pip install vllm` was done."""

import asyncio
import importlib.util
import json
import threading
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from core.generation import Cancel, Deliver, Finish, Full, Piece, Sampling

SLOTS = 256  # answers that are worked on at once; vLLM itself decides which
RANKS = (
    1,
    8,
    16,
    32,
    64,
    128,
    256,
    320,
    512,
)  # https://docs.vllm.ai/en/stable/api/vllm/config/lora
WAITING = 1024  # requests on their way; more are refused


def is_available() -> bool:
    return torch.cuda.is_available() and importlib.util.find_spec("vllm") is not None


class VllmEngine:
    """
    Args:
        model: Name on the Hugging Face Hub, or a folder.
        adapter: Folder of a LoRA adapter for it, as peft writes it.
    """

    slots = SLOTS

    def __init__(self, model: str, tokenizer: Path, adapter: Path | None = None) -> None:
        from vllm.engine.arg_utils import AsyncEngineArgs
        from vllm.lora.request import LoRARequest
        from vllm.v1.engine.async_llm import AsyncLLM

        lora = {"enable_lora": True, "max_lora_rank": read_rank(adapter)} if adapter else {}
        arguments = AsyncEngineArgs(model=model, tokenizer=str(tokenizer), **lora)
        self._lora = LoRARequest("adapter", 1, str(adapter)) if adapter else None
        self._answering = 0
        self._loop = asyncio.new_event_loop()  # vLLM's own: callers come from any thread
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._llm: Any = asyncio.run_coroutine_threadsafe(
            _call(lambda: AsyncLLM.from_engine_args(arguments)), self._loop
        ).result()

    def submit(self, ids: Sequence[int], sampling: Sampling, deliver: Deliver) -> Cancel:
        if self._answering >= WAITING:
            raise Full
        answering = asyncio.run_coroutine_threadsafe(
            self._answer(list(ids), sampling, deliver), self._loop
        )

        def cancel() -> None:
            answering.cancel()

        return cancel

    def close(self) -> None:
        self._llm.shutdown()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    async def _answer(self, ids: list[int], sampling: Sampling, deliver: Deliver) -> None:
        tokens = 0
        self._answering += 1
        try:
            async for output in self._llm.generate(
                prompt={"prompt_token_ids": ids},
                sampling_params=_parameters(sampling),
                request_id=uuid.uuid4().hex,
                lora_request=self._lora,
            ):
                part = output.outputs[0]
                tokens += len(part.token_ids)
                finish: Finish | None = None
                if output.finished:
                    finish = "length" if part.finish_reason == "length" else "stop"
                deliver(Piece(part.text, tokens, finish))
        except Exception as error:  # noqa: BLE001 - goes to the one that asked
            deliver(error)
        finally:
            self._answering -= 1


def read_rank(adapter: Path) -> int:
    """The rank that vLLM sets room aside for: the adapter's, or the next that it knows."""
    rank: int = json.loads((adapter / "adapter_config.json").read_text("utf-8"))["r"]
    return next((known for known in RANKS if known >= rank), rank)


def _parameters(sampling: Sampling) -> Any:
    from vllm import SamplingParams
    from vllm.sampling_params import RequestOutputKind

    return SamplingParams(
        max_tokens=sampling.max_tokens,
        temperature=sampling.temperature,
        top_p=sampling.top_p,
        top_k=sampling.top_k,
        seed=sampling.seed,
        stop=list(sampling.stop),
        output_kind=RequestOutputKind.DELTA,
    )


async def _call(make: Any) -> Any:
    return make()
