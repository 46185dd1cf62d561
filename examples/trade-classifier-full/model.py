"""The network: an encoder with a classifier on top, all of it trained."""

from pathlib import Path

from transformers import PreTrainedModel

from config import Config
from core.pretrained import load_classifier


def build_model(config: Config, labels: list[str]) -> PreTrainedModel:
    """The pretrained encoder with a new classifier.

    Raises:
        ModelUnavailable: `config.base_model` cannot be loaded.
    """
    model: PreTrainedModel = load_classifier(config.base_model, labels)
    return model


def save_model(model: PreTrainedModel, folder: Path) -> PreTrainedModel:
    """Write the weights, as safetensors, and return the model that is served."""
    model.save_pretrained(folder / "weights")
    return model
