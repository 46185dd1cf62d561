"""The base model as it came, in float32: bfloat16 is too coarse for small steps of all weights."""

from typing import Any

import torch
from transformers import AutoModelForCausalLM

from config import Config
from core.pretrained import load_pretrained


def load_base(config: Config) -> Any:
    """
    Raises:
        ModelUnavailable: It cannot be loaded.
    """
    return load_pretrained(AutoModelForCausalLM, config.base_model, dtype=torch.float32)
