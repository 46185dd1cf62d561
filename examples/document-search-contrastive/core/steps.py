"""The batch of any step: a function of the seed and the step, so that a training can go on anywhere."""

import math
import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from core import processes
from core.learning import Learner

Part = tuple[float, Any]  # share of the step's examples, and what `collate` made of them


class Batches(Dataset[list[Part]]):
    """Batches in parts that fit into memory.

    An epoch's examples are dealt out evenly, so that no step and no process is left with a few.

    Args:
        batch: Examples of a step, of all processes together.
        micro_batch: Examples of a part, at the most.
        seed: Of the order; none keeps it as it is.
        share: Of how many processes each gets a part of every batch.
    """

    def __init__(
        self,
        learner: Learner,
        examples: Sequence[Any],
        batch: int,
        micro_batch: int,
        *,
        seed: int | None = None,
        share: int = 1,
    ) -> None:
        self.learner = learner
        self.examples = examples
        self.micro_batch = micro_batch
        self.seed = seed
        self.share = share
        self.per_epoch = math.ceil(len(examples) / batch)
        self._order: tuple[int, Sequence[int]] = (-1, ())  # of the epoch that was asked for last

    def __getitem__(self, step: int) -> list[Part]:
        seed_all(self.seed or 0, step, processes.rank())
        epoch, place = divmod(step, self.per_epoch)
        numbers = _piece(self._numbers(epoch), place, self.per_epoch)
        own = _piece(numbers, processes.rank() % self.share, self.share)
        parts = math.ceil(len(numbers) / self.share / self.micro_batch)  # the same for each process
        return [self._collate(_piece(own, part, parts), numbers) for part in range(parts)]

    def size(self, step: int) -> int:
        """Examples of the step."""
        return len(_piece(range(len(self.examples)), step % self.per_epoch, self.per_epoch))

    def load(self, steps: range, workers: int) -> DataLoader[list[Part]]:
        return DataLoader(
            self, batch_size=None, sampler=steps, num_workers=workers, collate_fn=_as_it_is
        )

    def _collate(self, numbers: Sequence[int], all_numbers: Sequence[int]) -> Part:
        # A process that no example is left for computes one that does not count.
        chosen = [self.examples[number] for number in numbers or all_numbers[:1]]
        return len(numbers) / len(all_numbers), self.learner.collate(chosen)

    def _numbers(self, epoch: int) -> Sequence[int]:
        if self.seed is None:
            return range(len(self.examples))
        if self._order[0] != epoch:
            random_order = np.random.default_rng([self.seed, epoch])
            self._order = (epoch, random_order.permutation(len(self.examples)).tolist())
        return self._order[1]


def seed_all(*numbers: int) -> None:
    """Make all that is drawn next a function of these numbers."""
    seed = random.Random("-".join(map(str, numbers))).getrandbits(32)
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def _piece(numbers: Sequence[int], place: int, pieces: int) -> Sequence[int]:
    """One of so many pieces, which differ in length by one at the most."""
    return numbers[len(numbers) * place // pieces : len(numbers) * (place + 1) // pieces]


def _as_it_is(parts: list[Part]) -> list[Part]:
    return parts
