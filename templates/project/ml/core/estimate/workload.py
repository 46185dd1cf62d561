"""What a training has to do: the model, how it learns, and its data."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from core.debug_steps import ON_GPU
from core.estimate.architecture import Architecture
from core.estimate.token_count import count_tokens
from core.estimate.training_setup import Dtype, Method, TrainingSetup


class Settings(Protocol):
    """What every training of a pretrained network can be told."""

    base_model: str
    epochs: int
    batch: int
    bf16: bool | None
    debug: bool


@dataclass(frozen=True, slots=True)
class Workload:
    """
    Args:
        setup: On one GPU, with all of a batch at once.
        rows: Of one epoch.
        tokens_per_row: On average.
        epochs: At the most: what stops early takes fewer.
        sequences: That one sample of the data is made of, each of which is a row.
        micro_batch: Rows at a time on one GPU; 0 is as many as fit.
    """

    base_model: str
    setup: TrainingSetup
    rows: int
    tokens_per_row: float
    epochs: float
    sequences: int = 1
    micro_batch: int = 0

    @property
    def samples(self) -> float:
        """Of the data, over all epochs."""
        return self.rows * self.epochs / self.sequences

    def fitted(self, architecture: Architecture) -> "Workload":
        """As long as the model reads."""
        longest = architecture.image_tokens or architecture.context or self.setup.sequence
        sequence = min(self.setup.sequence, longest)
        return replace(
            self,
            setup=replace(self.setup, sequence=sequence),
            tokens_per_row=min(self.tokens_per_row, sequence),
        )


def text_workload(
    settings: Settings,
    texts: Sequence[str],
    max_length: int,
    method: Method,
    *,
    sequences: int = 1,
    **setup: Any,
) -> Workload:
    """
    Args:
        texts: All that a row says, of each row.
        sequences: That a row becomes in a batch.
        setup: Of `TrainingSetup`, besides.
    """
    lengths = [min(length, max_length) for length in count_tokens(texts, settings.base_model)]
    return describe(
        settings,
        rows=len(texts),
        tokens_per_row=sum(lengths) / len(lengths),
        sequence=round(max(lengths)),
        method=method,
        sequences=sequences,
        **setup,
    )


def describe(
    settings: Settings,
    *,
    rows: int,
    tokens_per_row: float,
    sequence: int,
    method: Method,
    weights: Dtype = "float32",
    sequences: int = 1,
    **setup: Any,
) -> Workload:
    """A training as `core.finetune` and `core.fit` do it: AdamW, and bfloat16 where the GPU has it.

    The Trainer of transformers holds the logits until the backward has ended.
    """
    if settings.debug:
        rows = ON_GPU * settings.batch  # again and again, where there are fewer
    return Workload(
        settings.base_model,
        TrainingSetup(
            method=method,
            sequence=sequence,
            micro_batch=settings.batch * sequences,
            weights="float32" if settings.bf16 is False else weights,
            autocast=settings.bf16 is not False,
            loss="held",
            **setup,
        ),
        rows * sequences,
        tokens_per_row,
        1 if settings.debug else settings.epochs,
        sequences,
    )
