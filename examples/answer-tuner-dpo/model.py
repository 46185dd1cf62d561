"""The network: a language model with adapters, asked how much likelier it finds the chosen answer."""

from typing import Any

import torch
from peft import PeftModelForCausalLM, TaskType
from torch.nn.functional import logsigmoid
from transformers import AutoModelForCausalLM
from transformers.modeling_outputs import SequenceClassifierOutput

from adapters import new_adapters
from config import Config
from language_model import load_weights, log_probabilities


class AnswerPreference(PeftModelForCausalLM):
    """Takes pairs instead of texts; its adapters fit any causal language model."""

    def forward(  # type: ignore[override]  # not for whoever has a text
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        answer_mask: torch.Tensor,
        labels: torch.Tensor | None = None,
        **_: Any,  # the Trainer says how many pairs there are in a step
    ) -> SequenceClassifierOutput:
        """`logits`: log p(chosen | prompt) and log p(rejected | prompt), a row per pair.

        Args:
            input_ids: A row per pair, with two rows of tokens in it; the masks alike.
            labels: The same of the base model.
        """
        of_tokens = log_probabilities(
            super().forward,
            input_ids.flatten(0, 1),
            attention_mask.flatten(0, 1),
            answer_mask.flatten(0, 1),
        )
        likelihoods = of_tokens.sum(dim=1).view(-1, 2)
        loss = None if labels is None else dpo_losses(likelihoods, labels, beta=1.0).mean()
        return SequenceClassifierOutput(loss=loss, logits=likelihoods)


def dpo_losses(likelihoods: torch.Tensor, reference: torch.Tensor, beta: float) -> torch.Tensor:
    """Rafailov et al., Direct Preference Optimization (2023), equation 7: a value per pair.

    Args:
        likelihoods, reference: By the model and by the base model: chosen, rejected.
    """
    chosen, rejected = (beta * (likelihoods - reference)).unbind(1)
    return -logsigmoid(chosen - rejected)


def build_model(config: Config) -> AnswerPreference:
    """The base model with new adapters in all its linear layers, which change nothing yet.

    Raises:
        ModelUnavailable: `config.base_model` cannot be loaded.
    """
    base = load_weights(AutoModelForCausalLM, config.base_model)
    return AnswerPreference(base, new_adapters(config, TaskType.CAUSAL_LM))
