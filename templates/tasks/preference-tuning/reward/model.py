"""The network: a language model with adapters and one output, the score of the answer that it has read."""

from typing import Any

import torch
from peft import PeftModelForSequenceClassification, TaskType
from torch.nn.functional import logsigmoid
from transformers import AutoModelForSequenceClassification
from transformers.modeling_outputs import SequenceClassifierOutput

from adapters import new_adapters
from config import Config
from language_model import load_weights


class AnswerScorer(PeftModelForSequenceClassification):
    """Takes pairs instead of texts; merged, it is a classifier with one label, as others write them."""

    def forward(  # type: ignore[override]  # not for whoever has a text
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        answer_mask: torch.Tensor,
        labels: torch.Tensor | None = None,
        **_: Any,  # the Trainer says how many pairs there are in a step
    ) -> SequenceClassifierOutput:
        """`logits`: scores of the chosen and of the rejected answer, a row per pair.

        Args:
            input_ids: A row per pair, with two rows of tokens in it; the masks alike.
            answer_mask: Is not looked at: the score is of the whole conversation.
            labels: One per pair, whatever it holds.
        """
        outputs: Any = super().forward(  # type: ignore[no-untyped-call]
            input_ids=input_ids.flatten(0, 1), attention_mask=attention_mask.flatten(0, 1)
        )
        scores = outputs.logits.float().view(-1, 2)
        loss = None if labels is None else ranking_losses(scores).mean()
        return SequenceClassifierOutput(loss=loss, logits=scores)


def ranking_losses(scores: torch.Tensor) -> torch.Tensor:
    """Bradley and Terry (1952): minus the log probability that the chosen answer wins, per pair."""
    chosen, rejected = scores.unbind(1)
    return -logsigmoid(chosen - rejected)


def build_model(config: Config, padding: int) -> AnswerScorer:
    """The base model with new adapters in all its linear layers and a new output.

    Raises:
        ModelUnavailable: `config.base_model` cannot be loaded.
    """
    base = load_weights(
        AutoModelForSequenceClassification,
        config.base_model,
        num_labels=1,
        pad_token_id=padding,  # the last token before it is where the score is read
    )
    return AnswerScorer(base, new_adapters(config, TaskType.SEQ_CLS, trained=["score"]))
