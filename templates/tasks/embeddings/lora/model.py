"""The network: a frozen base model with trained adapters."""

from pathlib import Path
from typing import Any

from peft import LoraConfig, get_peft_model
from sentence_transformers import SentenceTransformer

from base import load_base, save_base
from config import Config


def build_model(config: Config) -> SentenceTransformer:
    """The base model with new adapters in all its linear layers.

    Raises:
        ModelUnavailable: `config.base_model` cannot be loaded.
    """
    model = load_base(config)
    for weight in model.parameters():
        weight.requires_grad_(False)
    encoder: Any = model[0]
    encoder.model = get_peft_model(
        encoder.model,
        LoraConfig(
            r=config.rank,
            lora_alpha=config.alpha,
            lora_dropout=config.dropout,
            target_modules="all-linear",
        ),
    )
    return model


def save_model(model: SentenceTransformer, max_length: int, folder: Path) -> SentenceTransformer:
    """Write the adapters and the merged weights, as safetensors; return the merged model."""
    encoder: Any = model[0]
    encoder.model.save_pretrained(str(folder / "adapter"))
    encoder.model = encoder.model.merge_and_unload()
    return save_base(model, max_length, folder)
