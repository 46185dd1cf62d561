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

    def baseline(self) -> tuple[str, Floats]:
        """The better one of the two that there are."""
        both = [(NAME, self.base), (FREQUENCY, self.frequency)]
        return min(both, key=lambda one: float(one[1].sum()))

    def verdict(self) -> Verdict:
        """A row counts by its tokens, so that the mean over rows is the loss per token."""
        share = len(self.model) / self.tokens
        name, rival = self.baseline()
        ours, theirs = self.metrics(self.model), self.metrics(rival)
        return judge_rows(
            LOSS,
            self.model * share,
            rival * share,
            name,
            figures=[
                compare(metric.capitalize(), ours[metric], theirs[metric], is_error=True)
                for metric in ours
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
