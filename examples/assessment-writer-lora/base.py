"""The base model as it came, in the precision that it is computed in."""

from typing import Any

import torch
from transformers import AutoModelForCausalLM

from config import Config
from core.precision import supports_bf16
from core.pretrained import load_pretrained


def load_base(config: Config) -> Any:
    """
    Raises:
        ModelUnavailable: It cannot be loaded.
    """
    is_short = supports_bf16() if config.bf16 is None else config.bf16
    dtype = torch.bfloat16 if is_short else torch.float32
    return load_pretrained(AutoModelForCausalLM, config.base_model, dtype=dtype)
