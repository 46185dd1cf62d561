"""The network: a frozen language model with learnt vectors before each text."""

from pathlib import Path
from typing import Any

from peft import PeftModelForCausalLM, PromptEncoderConfig, TaskType
from safetensors.torch import load_file, save_file

from base import load_base
from config import Config
from encoding import Row

ENCODER = "prompt_encoder.safetensors"


class Tuned(PeftModelForCausalLM):
    """Keeps in a checkpoint what makes the vectors, too: peft's own has the vectors alone, from
    which a training cannot go on."""

    def save_pretrained(self, save_directory: str, *arguments: Any, **options: Any) -> None:
        super().save_pretrained(save_directory, *arguments, **options)
        save_file(self.prompt_encoder.state_dict(), Path(save_directory) / ENCODER)

    def load_adapter(self, model_id: Any, *arguments: Any, **options: Any) -> Any:
        loaded = super().load_adapter(model_id, *arguments, **options)
        self.prompt_encoder.load_state_dict(load_file(Path(model_id) / ENCODER))
        return loaded


def build_model(config: Config) -> Tuned:
    """The base model with new vectors.

    Raises:
        ModelUnavailable: The base model cannot be loaded.
    """
    vectors = PromptEncoderConfig(
        task_type=TaskType.CAUSAL_LM,
        num_virtual_tokens=config.virtual_tokens,
        encoder_hidden_size=config.encoder_width,
        base_model_name_or_path=config.base_model,
    )
    return Tuned(load_base(config), vectors)


def prepare_rows(rows: list[Row], config: Config, max_length: int) -> list[Row]:
    """As they are: packed, only the first of several rows would have the vectors before it."""
    return rows


def room_for_text(config: Config, max_length: int) -> int:
    """Tokens of a row that the model can read, of `max_length` in all."""
    return max_length - config.virtual_tokens


def save_model(model: Tuned, config: Config, folder: Path) -> None:
    """Write the vectors."""
    PeftModelForCausalLM.save_pretrained(model, str(folder / "adapter"))
