"""Opens a trained model to generate with: vLLM where it is installed, transformers elsewhere."""

from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM

from core import vllm_engine
from core.batch_engine import BatchEngine
from core.decoding import Decoder, Network
from core.generation import Engine
from core.precision import supports_bf16
from core.pretrained import load_pretrained
from core.vllm_arguments import Weights
from facts import Facts


def open_engine(artifact: Path, facts: Facts, tokenizer: Any) -> Engine:
    """What serves.

    Raises:
        ArtifactError: vLLM refuses it.
    """
    if not vllm_engine.is_available():
        return BatchEngine(load_network(artifact, facts), tokenizer, facts.ends)
    weights = Weights(str(artifact / "weights"), artifact / "tokenizer", _dtype())
    return vllm_engine.VllmEngine(weights, facts.ends)


def load_network(artifact: Path, facts: Facts) -> Network:
    """The model as transformers computes it."""
    dtype = getattr(torch, _dtype())
    model = load_pretrained(AutoModelForCausalLM, str(artifact / "weights"), dtype=dtype)
    model.to(torch.accelerator.current_accelerator() or "cpu")
    return Decoder(model.eval())


def _dtype() -> str:
    return "bfloat16" if supports_bf16() else "float32"
