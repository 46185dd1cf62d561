"""Tells a run how its training gets on: the event that pages and terminals draw their curves from."""

import time
from typing import Any

from core.run import Run

LOGS_PER_RUN = 200  # steps that are told, about


class Progress:
    """
    Args:
        total: Steps of the whole training.
        samples: Training rows in a step.
        done: Steps that were taken before this process began.
    """

    def __init__(self, run: Run, total: int, samples: int, done: int = 0) -> None:
        self.run = run
        self.total = total
        self.samples = samples
        self.done = done
        self.started = time.monotonic()

    def tell(self, step: int, *, epoch: float, loss: float, **more: Any) -> None:
        rate = (step - self.done) / (time.monotonic() - self.started)
        self.run.event(
            "step",
            step=step,
            total_steps=self.total,
            epoch=round(epoch, 3),
            loss=loss,
            **more,
            samples_per_second=round(rate * self.samples, 2),
            eta_seconds=round((self.total - step) / rate, 1),
        )
