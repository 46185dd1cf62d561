"""Small matrices beside the frozen weights of a language model: all that is trained."""

from pathlib import Path

from peft import LoraConfig, PeftModel, TaskType
from transformers import PreTrainedTokenizerBase

from config import Config


def new_adapters(
    config: Config, task_type: TaskType, trained: list[str] | None = None
) -> LoraConfig:
    """Adapters in all linear layers, which change nothing yet.

    Args:
        trained: Names of the modules that are trained whole besides.
    """
    return LoraConfig(
        base_model_name_or_path=config.base_model,  # for whoever loads them alone
        task_type=task_type,
        r=config.rank,
        lora_alpha=config.alpha,
        target_modules="all-linear",
        modules_to_save=trained,
    )


def save_model(model: PeftModel, tokenizer: PreTrainedTokenizerBase, folder: Path) -> None:
    """Write the adapters alone, and the model with them in it; both as safetensors."""
    model.save_pretrained(str(folder / "adapter"))
    model.merge_and_unload().save_pretrained(folder / "weights")
    tokenizer.save_pretrained(folder / "weights")
