"""What `core.finetune` has to know about this task: its batches, its loss, its metrics."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import torch
from torch.nn.functional import cross_entropy
from transformers import PreTrainedModel

from config import Config
from core.finetune import Example
from evaluation import score_chrf
from network import build_network
from split import Example as Pair
from writer import Writer, pad

IGNORED = -100  # a label that is padding


@dataclass(frozen=True, slots=True)
class Watched:
    """A few validation rows that are answered after each epoch."""

    sources: list[list[int]]
    targets: list[str]

    @classmethod
    def of(cls, writer: Writer, pairs: Sequence[Pair]) -> Self:
        sources = writer.encoding.sources([pair.source for pair in pairs])
        return cls(sources, [pair.target for pair in pairs])


class Seq2Seq:
    metric = "loss"
    lower_is_better = True

    def __init__(self, config: Config, writer: Writer, watched: Watched) -> None:
        """
        Args:
            writer: Answers `watched` after each epoch, with the network as it is by then.
        """
        self.config = config
        self.writer = writer
        self.watched = watched

    def build(self) -> PreTrainedModel:
        network = build_network(self.config.base_model)
        self.writer.network = network
        return network

    def collate(self, examples: list[Example]) -> dict[str, torch.Tensor]:
        """Both sides padded to their own longest; the decoder reads the target one place later."""
        ids = self.writer.network.generation_config
        labels = pad([example["labels"] for example in examples], IGNORED)
        start = torch.full((len(examples), 1), ids.decoder_start_token_id)
        read = torch.cat([start, labels[:, :-1]], dim=1)
        return {
            **self.writer.batch([example["input_ids"] for example in examples]),
            "decoder_input_ids": read.masked_fill(read == IGNORED, ids.pad_token_id),
            "labels": labels,
        }

    def loss(
        self, outputs: Any, labels: torch.Tensor, num_items_in_batch: Any = None
    ) -> torch.Tensor:
        """Per token; in the validation, where each row counts the same, the mean of the rows."""
        logits = outputs["logits"].float().flatten(0, 1)
        tokens = cross_entropy(logits, labels.flatten(), ignore_index=IGNORED, reduction="none")
        rows = tokens.view_as(labels).sum(dim=1)
        if num_items_in_batch is None:
            return (rows / (labels != IGNORED).sum(dim=1)).mean()
        mean: torch.Tensor = rows.sum() / num_items_in_batch
        return mean

    def reduce(self, outputs: Any, labels: torch.Tensor) -> torch.Tensor:
        """As good as nothing: `score` needs no logits."""
        return labels[:, :1]

    def score(self, prediction: Any) -> dict[str, float]:
        """ChrF of answers that the network writes by itself; its logits saw the targets."""
        answers = self.writer.write(self.watched.sources, num_beams=1)
        pairs = zip(answers, self.watched.targets, strict=True)
        scores = [score_chrf(answer.text, target) for answer, target in pairs]
        return {"chrf": float(np.mean(scores))}
