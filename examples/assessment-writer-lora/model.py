"""The network: a frozen language model with trained adapters in its linear layers."""

from pathlib import Path

from peft import LoraConfig, PeftModel, TaskType, get_peft_model

from base import load_base
from config import Config
from encoding import Row
from packing import pack


def build_model(config: Config) -> PeftModel:
    """The base model with new adapters, in float32.

    Raises:
        ModelUnavailable: The base model cannot be loaded.
    """
    model = load_base(config)
    model.config.use_cache = False  # no use in training, and it would hide where packed rows end
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
    """Tokens of a row that the model can read, of `max_length` in all."""
    return max_length


def save_model(model: PeftModel, config: Config, folder: Path) -> None:
    """Write the adapter and, where it is wanted, the merged model."""
    model.save_pretrained(str(folder / "adapter"))
    if config.merge:
        merged = model.merge_and_unload()
        merged.config.use_cache = True
        merged.save_pretrained(folder / "weights")
