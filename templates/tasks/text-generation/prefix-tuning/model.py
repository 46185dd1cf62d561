"""The network: a frozen language model with learnt keys and values before each text."""

from pathlib import Path

from peft import PeftModel, PrefixTuningConfig, TaskType, get_peft_model

from base import load_base
from config import Config
from encoding import Row


def build_model(config: Config) -> PeftModel:
    """The base model with a new prefix.

    Raises:
        ModelUnavailable: The base model cannot be loaded.
    """
    prefix = PrefixTuningConfig(
        task_type=TaskType.CAUSAL_LM, num_virtual_tokens=config.virtual_tokens
    )
    tuned: PeftModel = get_peft_model(load_base(config), prefix)
    return tuned


def prepare_rows(rows: list[Row], config: Config, max_length: int) -> list[Row]:
    """As they are: packed, only the first of several rows would have the prefix before it."""
    return rows


def room_for_text(config: Config, max_length: int) -> int:
    """Tokens of a row that the model can read, of `max_length` in all."""
    return max_length - config.virtual_tokens


def save_model(model: PeftModel, config: Config, folder: Path) -> None:
    """Write the prefix."""
    model.save_pretrained(str(folder / "adapter"))
