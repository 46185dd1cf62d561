"""Opens a trained model to generate with: the base model, and the learnt vectors before each text."""

from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

from core.batch_engine import BatchEngine
from core.decoding import Decoder, Prompt
from core.generation import Engine
from core.pretrained import load_pretrained
from facts import Facts


def open_engine(artifact: Path, facts: Facts, tokenizer: Any) -> Engine:
    """
    Raises:
        ModelUnavailable: The base model cannot be loaded.
    """
    base = load_pretrained(
        AutoModelForCausalLM,
        facts.base_model,
        revision=facts.revision,
        dtype=getattr(torch, facts.dtype),
    )
    base.to(torch.accelerator.current_accelerator() or "cpu")
    tuned = PeftModel.from_pretrained(base.eval(), str(artifact / "adapter"))
    prompt = Prompt(vectors=tuned.get_prompt(batch_size=1)[0])
    return BatchEngine(Decoder(base, prompt), tokenizer, facts.ends)
