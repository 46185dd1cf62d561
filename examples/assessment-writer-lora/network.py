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
from origin import load_origin


def open_engine(artifact: Path, facts: Facts, tokenizer: Any) -> Engine:
    """
    Raises:
        ArtifactError: It holds the adapter alone, and its base model cannot be loaded.
    """
    merged, adapter = artifact / "weights", artifact / "adapter"
    if vllm_engine.is_available():
        if merged.is_dir():
            return vllm_engine.VllmEngine(str(merged), artifact / "tokenizer")
        return vllm_engine.VllmEngine(facts.base_model, artifact / "tokenizer", adapter)
    if merged.is_dir():
        dtype = getattr(torch, facts.dtype)
        model = load_pretrained(AutoModelForCausalLM, str(merged), dtype=dtype)
        model.to(torch.accelerator.current_accelerator() or "cpu")
    else:
        model = PeftModel.from_pretrained(load_origin(facts), str(adapter)).merge_and_unload()
    return BatchEngine(Decoder(model.eval()), tokenizer, facts.ends)
