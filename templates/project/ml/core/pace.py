"""Says, once a training elsewhere has found its pace, what it will have cost; before the money is gone."""

from pathlib import Path
from typing import Any

from core.mirror import note
from core.rental import Rental

SETTLED = 50  # steps, or a quarter of them where there are fewer
HOUR = 3600  # seconds
FORESEEN = {"step", "total_steps", "eta_seconds"}  # what a step says that knows the end


class Pace:
    def __init__(self, run: Path, rental: Rental) -> None:
        self._run = run
        self._rental = rental
        self._first: int | None = None
        self._is_told = False

    def hear(self, event: dict[str, Any]) -> None:
        """
        Args:
            event: Of the training, with what it has cost so far.
        """
        if self._is_told or not event.keys() >= FORESEEN:
            return
        if self._first is None:
            self._first = event["step"]
        taken, all_ = event["step"] - self._first, event["total_steps"] - self._first
        if taken >= min(SETTLED, max(1, all_ // 4)):
            self._is_told = True
            self._tell(event["cost_usd"], event["eta_seconds"])

    def _tell(self, cost: float, seconds: float) -> None:
        usd = cost + seconds / HOUR * self._rental.usd_per_hour
        note(self._run, "pace", cost, seconds_left=seconds, usd=round(usd, 4))
        print(f"pace      {seconds / 60:.0f} minutes more at the most, {usd:.2f} USD in all")
        limit = self._rental.cost(self._rental.deadline)
        if usd > limit:
            print(
                f"warning: at this pace --max-cost {limit:.2f} ends it before, with a checkpoint:"
                " python train.py --resume --cloud goes on then, with a higher one."
            )
