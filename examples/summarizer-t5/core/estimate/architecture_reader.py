"""Reads the architecture of a model from its config.json, whatever family it is of."""

from collections.abc import Callable, Mapping
from typing import Any

from core.errors import UserError
from core.estimate.architecture import Architecture
from core.estimate.config_values import ConfigValues
from core.estimate.decoder_architectures import (
    read_falcon,
    read_gpt2,
    read_gpt_neox,
    read_llama,
    read_opt,
    read_phi,
)
from core.estimate.encoder_architectures import (
    read_bart,
    read_bert,
    read_deberta,
    read_distilbert,
    read_modernbert,
    read_t5,
)
from core.estimate.image_architectures import read_resnet, read_vit

READERS: dict[str, Callable[[ConfigValues], Architecture]] = {
    **dict.fromkeys(
        ("llama", "mistral", "mixtral", "qwen2", "qwen3", "qwen2_moe", "qwen3_moe"), read_llama
    ),
    **dict.fromkeys(("gemma", "gemma2", "gemma3_text", "phi3", "smollm3", "stablelm"), read_llama),
    "phi": read_phi,
    "gpt2": read_gpt2,
    "gpt_neox": read_gpt_neox,
    "falcon": read_falcon,
    "opt": read_opt,
    **dict.fromkeys(("bert", "roberta", "xlm-roberta", "camembert", "mpnet"), read_bert),
    "distilbert": read_distilbert,
    "deberta-v2": read_deberta,
    "modernbert": read_modernbert,
    **dict.fromkeys(("t5", "mt5"), read_t5),
    "bart": read_bart,
    "vit": read_vit,
    "resnet": read_resnet,
}


def read_architecture(config: Mapping[str, Any]) -> Architecture:
    """
    Raises:
        UserError: Of another family, or a value is missing or odd.
    """
    values = ConfigValues(config)
    reader = READERS.get(values.family)
    if reader is None:
        known = ", ".join(sorted(READERS))
        raise UserError(
            f"config.json: no estimate for model_type {values.family}; known are {known}."
        )
    return reader(values)
