"""How well a model foretells the validation answers, beside what it has to beat."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from baseline import FREQUENCY, NAME
from core.comparison import Measure, compare, judge_rows
from core.report import Table, Verdict

LOSS = Measure("loss per token", is_error=True)

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Losses:
    """Of each validation row: the sum of its tokens' losses, under each model."""

    tokens: int  # that carry loss, in all rows
    model: Floats
    base: Floats
    frequency: Floats

    def verdict(self) -> Verdict:
        """A row counts by its tokens, so that the mean over rows is the loss per token."""
        share = len(self.model) / self.tokens
        ours, theirs = self.metrics(self.model), self.metrics(self.base)
        return judge_rows(
            LOSS,
            self.model * share,
            self.base * share,
            NAME,
            figures=[
                compare(name.capitalize(), ours[name], theirs[name], is_error=True) for name in ours
            ],
        )

    def metrics(self, sums: Floats) -> dict[str, float]:
        """Loss in nats a token, and perplexity: as unsure as a choice among so many tokens."""
        loss = float(sums.sum() / self.tokens)
        return {"perplexity": float(np.exp(loss)), "loss": loss}

    def table(self) -> Table:
        rows = [
            ("this model", self.model),
            (NAME, self.base),
            (FREQUENCY, self.frequency),
        ]
        return Table(
            "Beside simpler models",
            ["Model", "Perplexity", "Loss per token", "Best on rows"],
            [
                [name, self.metrics(sums)["perplexity"], self.metrics(sums)["loss"], best]
                for (name, sums), best in zip(rows, self._best(), strict=True)
            ],
            note="Perplexity: as unsure as if it chose among so many tokens. Lower is better.",
            chosen=0,
        )

    def _best(self) -> list[int]:
        winners = np.argmin([self.model, self.base, self.frequency], axis=0)
        return [int((winners == number).sum()) for number in range(3)]
