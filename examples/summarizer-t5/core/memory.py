"""Computes a batch in smaller parts where it does not fit into memory."""

import gc
from collections.abc import Callable, Iterator
from typing import TypeVar

import torch

from core.errors import UserError
from core.run import Run

Result = TypeVar("Result")
FULL = ("out of memory", "can't allocate memory", "CUDNN_STATUS_NOT_SUPPORTED")


def within_memory(
    attempt: Callable[[int], Result], batch: int, run: Run, smaller: str = "choose a smaller model"
) -> Result:
    """Call `attempt` with `batch`, and with a part of it as often as memory runs out.

    Args:
        attempt: Takes how many examples are computed at a time.
        smaller: What to do where not even one fits.

    Raises:
        UserError: Not even one example at a time fits into memory.
    """
    for micro_batch in micro_batches(batch):
        try:
            return attempt(micro_batch)
        except (RuntimeError, MemoryError) as error:
            if not is_full(error):
                raise
        run.warn(f"{micro_batch} examples at a time do not fit into memory: halving them.")
        gc.collect()
        if torch.accelerator.is_available():
            torch.accelerator.empty_cache()
    raise UserError(f"Not even one example at a time fits into memory: {smaller}.")


def micro_batches(batch: int) -> Iterator[int]:
    """Sizes to try: each at most half of the one before, each a divisor of `batch`."""
    size = batch
    yield size
    while size > 1:
        size = next(part for part in range(size // 2, 0, -1) if batch % part == 0)
        yield size


def is_full(error: Exception) -> bool:
    """Whether memory ran out, on whatever device."""
    return isinstance(error, MemoryError) or any(words in str(error) for words in FULL)
