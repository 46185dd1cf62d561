"""The network: a frozen encoder with trained adapters and a classifier on top."""

from pathlib import Path

from peft import LoraConfig, PeftModel, TaskType, get_peft_model
from transformers import PreTrainedModel

from config import Config
from core.pretrained import load_classifier


def build_model(config: Config, labels: list[str]) -> PeftModel:
    """The pretrained encoder with new adapters in all its linear layers.

    Raises:
        ModelUnavailable: `config.base_model` cannot be loaded.
    """
    model, report = load_classifier(config.base_model, labels, output_loading_info=True)
    # What the checkpoint lacks starts at random: it has to be trained whole, not adapted.
    new = {key.rpartition(".")[0] for key in report["missing_keys"]}
    adapters = LoraConfig(
        task_type=TaskType.SEQ_CLS,
        r=config.rank,
        lora_alpha=config.alpha,
        lora_dropout=config.dropout,
        target_modules="all-linear",
        modules_to_save=sorted(new),
    )
    adapted: PeftModel = get_peft_model(model, adapters)
    return adapted


def save_model(model: PeftModel, folder: Path) -> PreTrainedModel:
    """Write the adapters and the merged weights, as safetensors; return the merged model."""
    model.save_pretrained(str(folder / "adapter"))
    merged: PreTrainedModel = model.merge_and_unload()
    merged.save_pretrained(folder / "weights")
    return merged
