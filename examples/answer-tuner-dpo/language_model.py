"""What all algorithms need of a language model: its tokenizer, its weights, its probabilities."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from transformers import AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase

from core.chat import Encoded, ensure_template
from core.errors import ModelUnavailable
from core.pretrained import load_pretrained

Batch = dict[str, torch.Tensor]


def load_tokenizer(name: str) -> PreTrainedTokenizerBase:
    """
    Raises:
        ModelUnavailable: It cannot be loaded, or has no token that ends a text.
    """
    tokenizer: PreTrainedTokenizerBase = load_pretrained(AutoTokenizer, name)
    if tokenizer.eos_token is None:
        raise ModelUnavailable(
            f"Base model {name!r} has no token that ends a text: choose a chat model."
        )
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    ensure_template(tokenizer)
    return tokenizer


def load_weights(auto_class: Any, name: str, **options: Any) -> PreTrainedModel:
    """In float32 and without dropout: the model is compared with itself before the training.

    Raises:
        ModelUnavailable: It cannot be loaded.
    """
    model: PreTrainedModel = load_pretrained(auto_class, name, dtype=torch.float32, **options)
    for module in model.modules():
        dropout = "p" if isinstance(module, nn.Dropout) else "attention_dropout"
        if hasattr(module, dropout):
            setattr(module, dropout, 0.0)
    return model


def end_tokens(model: Any, tokenizer: Any) -> list[int]:
    """Tokens that end an answer: the tokenizer's, and those that the model has besides."""
    known = model.generation_config.eos_token_id
    others = known if isinstance(known, list) else [] if known is None else [known]
    return sorted({tokenizer.eos_token_id, *others})


def until_end(conversation: Encoded) -> list[int]:
    """Its tokens, up to where the last answer ends."""
    behind = conversation.is_answer[::-1].index(True)
    return conversation.ids[: len(conversation.ids) - behind]


def pad(rows: Sequence[list[int]], starts: Sequence[int], padding: int) -> Batch:
    """Conversations side by side, filled up on the right.

    Args:
        starts: Where the answer begins in each.
    """
    width = max(map(len, rows))
    places = torch.arange(width)
    is_token = places < torch.tensor([[len(row)] for row in rows])
    return {
        "input_ids": torch.tensor([row + [padding] * (width - len(row)) for row in rows]),
        "attention_mask": is_token.long(),
        "answer_mask": is_token & (places >= torch.tensor([[start] for start in starts])),
    }


def log_probabilities(
    model: Any,
    input_ids: torch.Tensor,
    attention_mask: torch.Tensor,
    answer_mask: torch.Tensor,
    temperature: float = 1.0,
) -> torch.Tensor:
    """Of each token of the answers, in nats, and 0 elsewhere; columns without any are left out."""
    is_wanted = answer_mask[:, 1:]
    # The output layer is the widest: it is asked only where a row has a token of its answer.
    places = is_wanted.any(dim=0).nonzero()[:, 0]
    outputs = model(
        input_ids=input_ids, attention_mask=attention_mask, logits_to_keep=places, use_cache=False
    )
    logits = outputs.logits.float() / temperature
    tokens = input_ids[:, 1:][:, places].unsqueeze(2)
    of_tokens: torch.Tensor = logits.gather(2, tokens)[:, :, 0] - logits.logsumexp(dim=2)
    return of_tokens * is_wanted[:, places]
