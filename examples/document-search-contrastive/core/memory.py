"""Computes a batch in smaller parts where it does not fit into memory."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import torch

from core import processes
from core.errors import UserError
from core.run import Run

Result = TypeVar("Result")
FULL = ("out of memory", "can't allocate memory", "CUDNN_STATUS_NOT_SUPPORTED")


class FullForAll(MemoryError):
    """Memory ran out in one process, and each of them knows."""


@contextmanager
def agree_on_memory() -> Iterator[None]:
    """
    Raises:
        FullForAll: In every process, where memory ran out inside in one of them.
    """
    full = False
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not is_full(error):
            raise
        full = True
    if processes.largest(int(full)):
        raise FullForAll("out of memory")


def within_memory(
    attempt: Callable[[int], Result], batch: int, run: Run, smaller: str = "choose a smaller model"
) -> Result:
    """Call `attempt` with `batch`, and with a part of it as often as memory runs out.

    Args:
        attempt: Takes how many examples are computed at a time.
        smaller: What to do where not even one fits.

    Raises:
        UserError: Not even one example at a time fits into memory, or it ran out in one of several
            processes where the others cannot know.
    """
    for micro_batch in micro_batches(batch):
        try:
            return attempt(micro_batch)
        except (RuntimeError, MemoryError) as error:
            if not is_full(error):
                raise
            if processes.count() > 1 and not isinstance(error, FullForAll):
                lower = "lower --batch, and start again with --resume left out"
                raise UserError(f"Memory ran out in one of several processes: {lower}.") from error
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
