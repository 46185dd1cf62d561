"""The network: a frozen language model with trained adapters in its linear layers."""

from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftModel, TaskType, get_peft_model
from transformers import AutoModelForCausalLM

from config import Config
from core.precision import supports_bf16
from core.pretrained import load_pretrained
from encoding import Row
from packing import pack


def load_base(config: Config) -> Any:
    """The base model as it came, in the precision that it is computed in.

    Raises:
        ModelUnavailable: It cannot be loaded.
    """
    is_short = supports_bf16() if config.bf16 is None else config.bf16
    dtype = torch.bfloat16 if is_short else torch.float32
    return load_pretrained(AutoModelForCausalLM, config.base_model, dtype=dtype)


def build_model(config: Config) -> PeftModel:
    """The base model with new adapters, in float32.

    Raises:
        ModelUnavailable: The base model cannot be loaded.
    """
    model = load_base(config)
    model.config.use_cache = False  # of no use in training, and it would hide where packed rows end
    adapters = LoraConfig(
        task_type=TaskType.CAUSAL_LM,
        r=config.rank,
        lora_alpha=config.alpha,
        lora_dropout=config.dropout,
        target_modules="all-linear",
    )
    adapted: PeftModel = get_peft_model(model, adapters)
    return adapted


def prepare_rows(rows: list[Row], config: Config, max_length: int) -> list[Row]:
    return pack(rows, max_length) if config.packing else rows


def room_for_text(config: Config, max_length: int) -> int:
    """Tokens of a row that the model can read."""
    return max_length


def save_model(model: PeftModel, config: Config, folder: Path) -> None:
    """Write the adapter and, where it is wanted, the merged model."""
    model.save_pretrained(str(folder / "adapter"))
    if config.merge:
        merged = model.merge_and_unload()
        merged.config.use_cache = True
        merged.save_pretrained(folder / "weights")
