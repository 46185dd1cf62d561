"""What vLLM is told of a model, of its adapter and of a request."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import torch

from core.errors import ArtifactError
from core.generation import Sampling

AS_FITS = -1  # a context as long as the model's, or as the memory has room for


@dataclass(frozen=True)
class Weights:
    model: str  # name on the Hugging Face Hub, or a folder
    tokenizer: Path
    dtype: str  # that it was trained in, as torch calls it
    revision: str | None = None  # commit of the model on the Hub
    adapter: Path | None = None  # folder of a LoRA adapter for it, as peft writes it


def engine_arguments(weights: Weights) -> Any:
    """
    Raises:
        ArtifactError: The adapter is too wide.
    """
    from vllm.engine.arg_utils import AsyncEngineArgs

    lora = {"enable_lora": True, "max_lora_rank": _room(weights.adapter)} if weights.adapter else {}
    return AsyncEngineArgs(
        model=weights.model,
        revision=weights.revision,
        tokenizer=str(weights.tokenizer),
        dtype=_dtype(weights),
        max_model_len=AS_FITS,
        disable_log_stats=True,  # core.service counts
        **lora,
    )


def lora_request(weights: Weights) -> Any:
    from vllm.lora.request import LoRARequest

    return LoRARequest("adapter", 1, str(weights.adapter)) if weights.adapter else None


def sampling_parameters(sampling: Sampling, ends: Sequence[int]) -> Any:
    from vllm import SamplingParams
    from vllm.sampling_params import RequestOutputKind

    return SamplingParams(
        max_tokens=sampling.max_tokens,
        temperature=sampling.temperature,
        top_p=sampling.top_p,
        top_k=sampling.top_k,
        seed=sampling.seed,
        stop=list(sampling.stop),
        stop_token_ids=list(ends),
        output_kind=RequestOutputKind.DELTA,
    )


def _dtype(weights: Weights) -> str:
    """What it was trained in where vLLM computes so; else "auto", the 16 bits that this machine has.

    On a GPU, vLLM computes adapters in 16 bits only.
    """
    from vllm.platforms import current_platform

    dtype = getattr(torch, weights.dtype)
    is_too_wide = weights.adapter and dtype == torch.float32 and not current_platform.is_cpu()
    is_known = dtype in current_platform.supported_dtypes
    return weights.dtype if is_known and not is_too_wide else "auto"


def _room(adapter: Path) -> int:
    """The rank that vLLM sets room aside for: the adapter's, or the next that it knows."""
    from vllm.config.lora import MaxLoRARanks

    rank: int = json.loads((adapter / "adapter_config.json").read_text("utf-8"))["r"]
    known: tuple[int, ...] = get_args(MaxLoRARanks)
    if rank > max(known):
        raise ArtifactError(
            f"{adapter} has rank {rank}; vLLM serves {max(known)} at the most: train with --merge."
        )
    return min(wide for wide in known if wide >= rank)
