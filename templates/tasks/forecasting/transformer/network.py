"""A transformer looks at patches of neighbouring values, and says from all of them what comes.

Nie et al., A Time Series is Worth 64 Words: Long-term Forecasting with Transformers (2023).
"""

import torch
from torch import nn

from config import Config
from quantiles import Quantiles

START = 0.02  # spread of the places at the start
FACTOR = 2  # how much wider a layer is inside


class Forecasting(nn.Module):
    def __init__(self, config: Config, context: int, season: int, horizon: int) -> None:
        super().__init__()
        self.patch = min(config.patch, context)
        self.skipped = context % self.patch  # of the oldest values
        patches = context // self.patch
        self.embedding = nn.Linear(self.patch, config.width)
        self.places = nn.Parameter(torch.randn(patches, config.width) * START)
        layer = nn.TransformerEncoderLayer(
            config.width,
            config.heads,
            FACTOR * config.width,
            config.dropout,
            activation="gelu",
            batch_first=True,
            norm_first=True,
        )
        self.layers = nn.TransformerEncoder(layer, config.layers, enable_nested_tensor=False)
        self.dropout = nn.Dropout(config.dropout)
        self.quantiles = Quantiles(patches * config.width, season, horizon)

    def forward(self, context: torch.Tensor) -> torch.Tensor:
        """From scaled values to quantiles of those that follow."""
        patches = context[:, self.skipped :].unflatten(1, (-1, self.patch))
        states = self.layers(self.embedding(patches) + self.places)
        quantiles: torch.Tensor = self.quantiles(self.dropout(states.flatten(1)), context)
        return quantiles
