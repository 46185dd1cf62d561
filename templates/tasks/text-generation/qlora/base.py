"""The base model as it came, its linear layers in four bits each: a quarter of the memory."""

from typing import Any

import torch
from bitsandbytes.nn.modules import Linear4bit
from transformers import AutoModelForCausalLM, BitsAndBytesConfig

from config import Config
from core.precision import supports_bf16
from core.pretrained import load_pretrained


def load_base(config: Config) -> Any:
    """
    Raises:
        ModelUnavailable: It cannot be loaded.
    """
    is_short = supports_bf16() if config.bf16 is None else config.bf16
    dtype = torch.bfloat16 if is_short else torch.float32
    quantization = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,  # the scales, too: 0.4 bits less for each weight
        bnb_4bit_compute_dtype=dtype,
    )
    model = load_pretrained(
        AutoModelForCausalLM, config.base_model, dtype=dtype, quantization_config=quantization
    )
    for layer in model.modules():
        if isinstance(layer, Linear4bit):
            # On a CPU, the first evaluation would put coarser weights in place of the loaded ones.
            layer.support_avx512bf16_for_cpu = False
    return model
