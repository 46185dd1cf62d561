"""Opens a trained model to generate with: vLLM on a GPU that has it, transformers elsewhere."""

from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM

from core import vllm_engine
from core.batch_engine import BatchEngine
from core.decoding import Decoder
from core.generation import Engine
from core.precision import supports_bf16
from core.pretrained import load_pretrained
from facts import Facts


def open_engine(artifact: Path, facts: Facts, tokenizer: Any) -> Engine:
    weights = artifact / "weights"
    if vllm_engine.is_available():
        return vllm_engine.VllmEngine(str(weights), artifact / "tokenizer")
    dtype = torch.bfloat16 if supports_bf16() else torch.float32
    model = load_pretrained(AutoModelForCausalLM, str(weights), dtype=dtype)
    model.to(torch.accelerator.current_accelerator() or "cpu")
    return BatchEngine(Decoder(model.eval()), tokenizer, facts.ends)
