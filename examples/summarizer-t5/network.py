"""The network: an encoder that reads the source, and a decoder that writes the target."""

import torch
from transformers import AutoConfig, AutoModelForSeq2SeqLM, GenerationConfig, PreTrainedModel

from core.errors import ModelUnavailable
from core.pretrained import load_pretrained

SPECIAL = ("bos_token_id", "eos_token_id", "pad_token_id", "decoder_start_token_id")


def build_network(base_model: str) -> PreTrainedModel:
    """The pretrained network, in float32.

    Raises:
        ModelUnavailable: It cannot be loaded, or is no encoder-decoder.
    """
    config = load_pretrained(AutoConfig, base_model)
    if not config.is_encoder_decoder:
        raise ModelUnavailable(
            f"Base model {base_model!r} is {config.model_type}, which has no encoder and decoder:"
            " give --base-model a T5 or a BART."
        )
    # A checkpoint's own bfloat16 is too coarse to be trained.
    network: PreTrainedModel = load_pretrained(
        AutoModelForSeq2SeqLM, base_model, dtype=torch.float32
    )
    # Its own says how long a news summary is, or that no three words come twice.
    known = network.generation_config.to_dict()
    network.generation_config = GenerationConfig(**{name: known.get(name) for name in SPECIAL})
    return network


def most_positions(network: PreTrainedModel) -> int | None:
    """Tokens that it can tell the places of; T5, which looks at distances, has no limit."""
    most: int | None = getattr(network.config, "max_position_embeddings", None)
    return most
