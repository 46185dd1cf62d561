"""The end of a network: quantiles around the seasonal naive forecast, and their loss."""

import torch
from torch import nn
from torch.nn.functional import softplus

from backtest import MEDIAN, QUANTILES

NARROW = -1.0  # softplus of it, 0.3 of the spread, is the first distance between quantiles


class Quantiles(nn.Module):
    """What a network adds to the values a season before; at the start that is nothing.

    Args:
        width: Numbers that describe what came before.
    """

    def __init__(self, width: int, season: int, horizon: int) -> None:
        super().__init__()
        self.season = season
        self.horizon = horizon
        self.output = nn.Linear(width, horizon * len(QUANTILES))
        nn.init.zeros_(self.output.weight)
        bias = torch.full((horizon, len(QUANTILES)), NARROW)
        bias[:, MEDIAN] = 0.0
        self.output.bias = nn.Parameter(bias.flatten())

    def forward(self, described: torch.Tensor, context: torch.Tensor) -> torch.Tensor:
        """Quantiles that cannot cross: examples x periods x QUANTILES."""
        raw = self.output(described).unflatten(1, (self.horizon, len(QUANTILES)))
        middle = self._naive(context).unsqueeze(2) + raw[..., MEDIAN : MEDIAN + 1]
        below = softplus(raw[..., :MEDIAN]).flip(2).cumsum(2).flip(2)
        above = softplus(raw[..., MEDIAN + 1 :]).cumsum(2)
        return torch.cat([middle - below, middle, middle + above], dim=2)

    def _naive(self, context: torch.Tensor) -> torch.Tensor:
        seasons = -(-self.horizon // self.season)
        return context[:, -self.season :].repeat(1, seasons)[:, : self.horizon]


def pinball(quantiles: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """The loss that is least where each quantile has its share of the truth below it."""
    levels = quantiles.new_tensor(QUANTILES)
    over = truth.unsqueeze(2) - quantiles
    return torch.maximum(levels * over, (levels - 1) * over).mean()
