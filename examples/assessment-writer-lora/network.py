"""Opens a trained model to generate with: vLLM on a GPU that has it, transformers elsewhere."""

from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

from core import vllm_engine
from core.batch_engine import BatchEngine
from core.decoding import Decoder
from core.generation import Engine
from core.pretrained import load_pretrained
from facts import Facts


def open_engine(artifact: Path, facts: Facts, tokenizer: Any) -> Engine:
    """
    Raises:
        ModelUnavailable: The artifact holds the adapter alone, and its base model cannot be loaded.
    """
    merged, adapter = artifact / "weights", artifact / "adapter"
    if vllm_engine.is_available():
        if merged.is_dir():
            return vllm_engine.VllmEngine(str(merged), artifact / "tokenizer")
        return vllm_engine.VllmEngine(facts.base_model, artifact / "tokenizer", adapter)
    dtype = getattr(torch, facts.dtype)
    if merged.is_dir():
        model = load_pretrained(AutoModelForCausalLM, str(merged), dtype=dtype)
    else:
        base = load_pretrained(
            AutoModelForCausalLM, facts.base_model, revision=facts.revision, dtype=dtype
        )
        model = PeftModel.from_pretrained(base, str(adapter)).merge_and_unload()
    model.to(torch.accelerator.current_accelerator() or "cpu")
    return BatchEngine(Decoder(model.eval()), tokenizer, facts.ends)
