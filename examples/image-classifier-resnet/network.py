"""The network: a pretrained one with a new classifier, which reads pixels as files hold them."""

import inspect
import json
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import nn
from transformers import AutoConfig, AutoModelForImageClassification
from transformers.image_processing_base import ImageProcessingMixin

from config import Config
from core.errors import UserError
from core.pretrained import load_pretrained

SIDE = 224  # pixels, where neither the settings nor the base model say another
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet, red first


class Reading(NamedTuple):
    """How a base model was taught to read pictures."""

    side: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    is_known: bool  # False where the base model does not say


class Network(nn.Module):
    """From pixels, 0 to 255, to logits: what is served cannot scale them otherwise."""

    mean: torch.Tensor
    std: torch.Tensor

    def __init__(self, model: Any, reading: Reading) -> None:
        super().__init__()
        self.model = model
        self.reading = reading
        for name in ("mean", "std"):
            values = torch.tensor(getattr(reading, name)) * 255
            self.register_buffer(name, values.view(1, -1, 1, 1), persistent=False)
        # Positions of another number of patches than it was trained with.
        takes = "interpolate_pos_encoding" in inspect.signature(model.forward).parameters
        own = getattr(model.config, "image_size", reading.side)
        self.options = {"interpolate_pos_encoding": True} if takes and own != reading.side else {}

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """A row per picture, a column per label.

        Args:
            pixels: 8 bits each; picture, height, width, colour.
        """
        colors = (pixels.permute(0, 3, 1, 2).float() - self.mean) / self.std
        logits: torch.Tensor = self.model(pixel_values=colors, **self.options).logits
        return logits

    def save(self, folder: Path) -> None:
        """Write it as a base model of later trainings; the weights as safetensors."""
        self.model.save_pretrained(folder)
        side = {"height": self.reading.side, "width": self.reading.side}
        processor = {
            "image_processor_type": "ViTImageProcessor",
            "do_resize": True,
            "size": side,
            "do_rescale": True,
            "rescale_factor": 1 / 255,
            "do_normalize": True,
            "image_mean": self.reading.mean,
            "image_std": self.reading.std,
        }
        path = folder / "preprocessor_config.json"
        path.write_text(json.dumps(processor, indent=2) + "\n", encoding="utf-8")


def build_network(config: Config, labels: list[str]) -> Network:
    """
    Raises:
        ModelUnavailable: `config.base_model` cannot be loaded.
        UserError: It cannot read pictures of that size.
    """
    settings = load_pretrained(AutoConfig, config.base_model)
    settings.id2label = dict(enumerate(labels))
    settings.label2id = {label: number for number, label in enumerate(labels)}
    model = load_pretrained(
        AutoModelForImageClassification,
        config.base_model,
        config=settings,
        dtype=torch.float32,  # a checkpoint's own float16 is too coarse to be trained
        ignore_mismatched_sizes=True,  # its classifier has other labels
    )
    for name, weight in model.named_parameters():
        if "mask_token" in name:  # of its pretraining; several processes wait for its gradient
            weight.requires_grad_(False)
    reading = read_preprocessing(config.base_model)
    if config.size is not None:
        reading = reading._replace(side=config.size)
    patch = getattr(settings, "patch_size", 1)
    if isinstance(patch, int) and reading.side % patch:
        raise UserError(f"--size {reading.side}: choose a multiple of {patch}, the patches' size.")
    return Network(model, reading)


def read_preprocessing(base_model: str) -> Reading:
    """The side of its pictures, and the mean and spread of their colours (0 to 1)."""
    try:
        found, _ = ImageProcessingMixin.get_image_processor_dict(base_model)
    except (OSError, ValueError):
        return Reading(SIDE, MEAN, STD, is_known=False)
    size = found.get("crop_size") or found.get("size") or SIDE
    if isinstance(size, dict):
        size = size.get("height") or size.get("shortest_edge") or SIDE
    mean, std = found.get("image_mean", MEAN), found.get("image_std", STD)
    if not found.get("do_normalize", True):
        mean, std = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
    return Reading(int(size), tuple(mean), tuple(std), is_known=True)
