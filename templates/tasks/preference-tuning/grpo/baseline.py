"""What a tuned model has to beat: itself before the training, by the same prompts and draws."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core.finetune import Example, length
from core.memory import within_memory
from core.run import Run
from model import AnswerExplorer
from prompts import collate

NAME = "the base model before the training"
MEASURED_AT_ONCE = 8  # prompts, at the most

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a model's answers to the validation prompts earned."""

    rewards: Floats  # a row per prompt, a column per answer
    lengths: Floats  # in tokens, alike

    @property
    def metrics(self) -> dict[str, float]:
        return {"score": float(self.rewards.mean()), "answer_tokens": float(self.lengths.mean())}


@torch.no_grad()
def evaluate(network: AnswerExplorer, examples: Sequence[Example], run: Run) -> Evaluation:
    join = collate(network.padding)
    network.eval().to(torch.accelerator.current_accelerator() or "cpu")
    order = sorted(range(len(examples)), key=lambda place: length(examples[place]))

    def attempt(at_a_time: int) -> Evaluation:
        shape = len(examples), network.settings.group
        found = Evaluation(np.empty(shape), np.empty(shape))
        for start in range(0, len(order), at_a_time):
            places = order[start : start + at_a_time]
            batch = join([examples[place] for place in places])
            trial = network(**{name: rows.to(network.device) for name, rows in batch.items()})
            found.rewards[places] = trial.rewards.cpu().numpy()
            found.lengths[places] = trial.lengths.cpu().numpy()
        return found

    return within_memory(attempt, MEASURED_AT_ONCE, run)
