"""The network: an encoder with a classifier on top, all of it trained."""

from pathlib import Path

import torch
from transformers import AutoModelForSequenceClassification, PreTrainedModel

from config import Config
from core.pretrained import load_pretrained

ALGORITHM = "full"


def build_model(config: Config, labels: list[str]) -> PreTrainedModel:
    """The pretrained encoder with a new classifier.

    Raises:
        ModelUnavailable: `config.base_model` cannot be loaded.
    """
    model: PreTrainedModel = load_pretrained(
        AutoModelForSequenceClassification,
        config.base_model,
        num_labels=len(labels),
        id2label=dict(enumerate(labels)),
        label2id={label: number for number, label in enumerate(labels)},
        dtype=torch.float32,  # a checkpoint's own bfloat16 is too coarse to be trained
    )
    return model


def save_model(model: PreTrainedModel, folder: Path) -> PreTrainedModel:
    """Write the weights, as safetensors, and return the model that is served."""
    model.save_pretrained(folder / "weights")
    return model
