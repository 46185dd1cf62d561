"""Opens a trained model to generate with: vLLM where it is installed, transformers elsewhere."""

from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

from core import vllm_engine
from core.batch_engine import BatchEngine
from core.decoding import Decoder, Network
from core.generation import Engine
from core.pretrained import load_pretrained
from core.vllm_arguments import Weights
from facts import Facts
from origin import load_origin, read_origin


def open_engine(artifact: Path, facts: Facts, tokenizer: Any) -> Engine:
    """What serves.

    Raises:
        ArtifactError: It holds the adapter alone and its base model cannot be loaded, or vLLM
            refuses it.
    """
    if not vllm_engine.is_available():
        return BatchEngine(load_network(artifact, facts), tokenizer, facts.ends)
    merged = artifact / "weights"
    if merged.is_dir():
        weights = Weights(str(merged), artifact / "tokenizer", facts.dtype)
    else:
        read_origin(facts)  # an adapter fits no other model, and vLLM would not notice
        weights = Weights(
            facts.base_model,
            artifact / "tokenizer",
            facts.dtype,
            revision=facts.revision,
            adapter=artifact / "adapter",
        )
    return vllm_engine.VllmEngine(weights, facts.ends)


def load_network(artifact: Path, facts: Facts) -> Network:
    """The model as transformers computes it.

    Raises:
        ArtifactError: It holds the adapter alone, and its base model cannot be loaded.
    """
    merged, adapter = artifact / "weights", artifact / "adapter"
    if merged.is_dir():
        dtype = getattr(torch, facts.dtype)
        model = load_pretrained(AutoModelForCausalLM, str(merged), dtype=dtype)
        model.to(torch.accelerator.current_accelerator() or "cpu")
    else:
        model = PeftModel.from_pretrained(load_origin(facts), str(adapter)).merge_and_unload()
    return Decoder(model.eval())
