"""The base model that an adapter was trained on, and no other."""

from typing import Any

import torch
from transformers import AutoModelForCausalLM

from core.errors import ArtifactError, ModelUnavailable
from core.pretrained import load_pretrained
from facts import Facts, mark


def load_origin(facts: Facts) -> Any:
    """It, where it is computed.

    Raises:
        ArtifactError: It cannot be loaded, or is another one by now.
    """
    return read_origin(facts).to(torch.accelerator.current_accelerator() or "cpu").eval()


def read_origin(facts: Facts) -> Any:
    """It, in main memory.

    Raises:
        ArtifactError: It cannot be loaded, or is another one by now.
    """
    dtype = getattr(torch, facts.dtype)
    try:
        model = load_pretrained(
            AutoModelForCausalLM, facts.base_model, revision=facts.revision, dtype=dtype
        )
    except ModelUnavailable as error:
        raise ArtifactError(f"The artifact needs the model it was trained on. {error}") from None
    if mark(model) != facts.mark:
        raise ArtifactError(
            f"{facts.base_model} is not the model any more that the artifact was trained on:"
            " restore it, or train again."
        )
    return model
