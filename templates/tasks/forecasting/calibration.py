"""Widens the intervals of a network to what they should have been on the validation part.

Romano, Patterson and Candès, Conformalized Quantile Regression (2019), by factors of the width.
"""

from collections.abc import Iterable

import torch
from torch import nn

from backtest import LEVELS, MEDIAN, QUANTILES
from learner import Batch


class Calibrated(nn.Module):
    def __init__(self, network: nn.Module, factors: torch.Tensor) -> None:
        super().__init__()
        self.network = network
        self.factors = nn.Buffer(factors)

    def forward(self, context: torch.Tensor) -> torch.Tensor:
        quantiles = self.network(context)
        middle = quantiles[..., MEDIAN : MEDIAN + 1]
        widened: torch.Tensor = middle + (quantiles - middle) * self.factors
        return widened.sort(dim=2).values


@torch.inference_mode()
def calibrate(network: nn.Module, batches: Iterable[Batch]) -> Calibrated:
    """Never narrower: what the validation part chose the best epoch of, it flatters."""
    seen = [(network(batch.context), batch.target) for batch in batches]
    quantiles = torch.cat([output for output, _ in seen])
    truth = torch.cat([target for _, target in seen])
    middle = quantiles[..., MEDIAN]
    factors = torch.ones(len(QUANTILES))
    for name, (low, high) in LEVELS.items():
        below = (middle - truth) / (middle - quantiles[..., low])
        above = (truth - middle) / (quantiles[..., high] - middle)
        needed = torch.maximum(below, above).flatten().sort().values
        place = min(len(needed) - 1, round(len(needed) * int(name) / 100))
        factors[[low, high]] = float(needed[place].clamp(min=1.0))
    return Calibrated(network, factors)
