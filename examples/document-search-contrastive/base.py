"""The base model: a sentence-transformers model, or any encoder, whose tokens are then averaged."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import torch
from sentence_transformers import SentenceTransformer
from torch import nn
from transformers import AutoConfig

from core.errors import UserError
from core.pretrained import ATTENTION_DROPOUT, load_pretrained
from encoding import embed

PASSAGE_PROMPTS = ("document", "passage", "corpus")  # as base models call theirs


class BaseSettings(Protocol):
    @property
    def dimensions(self) -> list[int]: ...
    @property
    def base_model(self) -> str: ...
    @property
    def query_prompt(self) -> str | None: ...
    @property
    def passage_prompt(self) -> str | None: ...


class _Loader:
    @staticmethod
    def from_pretrained(name: str, **options: Any) -> SentenceTransformer:
        return SentenceTransformer(name, device="cpu", **options)


def load_base(settings: BaseSettings) -> SentenceTransformer:
    """In float32, with prompts as told, for vectors that are compared by their cosine.

    Without dropout inside the attention, which shuts out the fused kernels: on long texts those
    are several times faster.

    Raises:
        ModelUnavailable: `settings.base_model` cannot be loaded.
        UserError: Its vectors are shorter than `settings.dimensions`.
    """
    config = load_pretrained(AutoConfig, settings.base_model)
    model: SentenceTransformer = load_pretrained(
        _Loader,
        settings.base_model,
        model_kwargs={"dtype": torch.float32},  # a checkpoint's own bfloat16 is too coarse
        config_kwargs={name: 0.0 for name in ATTENTION_DROPOUT if hasattr(config, name)},
    )
    width = model.get_embedding_dimension() or 0
    if too_long := [length for length in settings.dimensions if length >= width]:
        raise UserError(
            f"--dimensions {too_long[0]}: the vectors of the base model have {width:,} numbers,"
            " so choose fewer."
        )
    model.set_pooling_include_prompt(True)
    model.similarity_fn_name = "cosine"
    model.prompts = {
        "query": _prompt(settings.query_prompt, model, ("query",)),
        "document": _prompt(settings.passage_prompt, model, PASSAGE_PROMPTS),
    }
    model.default_prompt_name = None
    return model


def _prompt(given: str | None, model: SentenceTransformer, names: tuple[str, ...]) -> str:
    if given is not None:
        return given
    return next((prompt for name in names if (prompt := model.prompts.get(name))), "")


def with_prompt(model: SentenceTransformer, name: str, texts: Sequence[str]) -> list[str]:
    """As the model reads them."""
    return [f"{model.prompts[name]}{text}" for text in texts]


def freeze_unused(model: nn.Module) -> None:
    """Train no weight that no vector depends on, as a classifier's in many an encoder."""
    token = torch.ones((1, 1), dtype=torch.int64)
    embed(model, token, token).sum().backward()
    for weight in model.parameters():
        weight.requires_grad_(weight.grad is not None)
        weight.grad = None


class Embedder(nn.Module):
    """What is exported: from tokens to vectors of length 1."""

    def __init__(self, model: SentenceTransformer) -> None:
        super().__init__()
        self.model = model

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        token_type_ids: torch.Tensor | None = None,
    ) -> torch.Tensor:
        # Types are left out, as in training: one text has one type.
        return embed(self.model, input_ids, attention_mask)


def save_base(model: SentenceTransformer, max_length: int, folder: Path) -> SentenceTransformer:
    """Write the weights, for `SentenceTransformer(folder / "weights")`."""
    model.max_seq_length = max_length
    model.save(str(folder / "weights"), create_model_card=False)
    return model
