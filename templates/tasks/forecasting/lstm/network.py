"""An LSTM reads the values one after the other, and says from its last state what comes."""

import torch
from torch import nn

from config import Config
from quantiles import Quantiles


class Forecasting(nn.Module):
    def __init__(self, config: Config, context: int, season: int, horizon: int) -> None:
        super().__init__()
        dropout = config.dropout if config.layers > 1 else 0.0
        self.lstm = nn.LSTM(1, config.width, config.layers, batch_first=True, dropout=dropout)
        self.dropout = nn.Dropout(config.dropout)
        self.quantiles = Quantiles(config.width, season, horizon)

    def forward(self, context: torch.Tensor) -> torch.Tensor:
        """From scaled values to quantiles of those that follow."""
        states, _ = self.lstm(context.unsqueeze(2))
        quantiles: torch.Tensor = self.quantiles(self.dropout(states[:, -1]), context)
        return quantiles
