"""The network: a language model, all of whose weights are trained."""

from pathlib import Path
from typing import Any

from base import load_base
from config import Config
from encoding import Row
from packing import pack


def build_model(config: Config) -> Any:
    """
    Raises:
        ModelUnavailable: The base model cannot be loaded.
    """
    model = load_base(config)
    model.config.use_cache = False  # no use in training, and it would hide where packed rows end
    return model


def prepare_rows(rows: list[Row], config: Config, max_length: int) -> list[Row]:
    return pack(rows, max_length) if config.packing else rows


def room_for_text(config: Config, max_length: int) -> int:
    """Tokens of a row that the model can read, of `max_length` in all."""
    return max_length


def save_model(model: Any, config: Config, folder: Path) -> None:
    """Write the weights."""
    model.config.use_cache = True
    model.save_pretrained(folder / "weights")
