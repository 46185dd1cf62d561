"""What `core.fit` has to know about this task."""

from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from backtest import MEDIAN
from config import Config
from examples import Example
from network import Forecasting
from plan import Plan
from quantiles import pinball


class Batch(NamedTuple):
    context: torch.Tensor
    target: torch.Tensor
    unit: torch.Tensor


class Learner:
    metric = "mase"
    higher_is_better = False

    def __init__(self, config: Config, context: int, plan: Plan) -> None:
        self.config = config
        self.context = context
        self.plan = plan

    def build(self) -> Forecasting:
        return Forecasting(self.config, self.context, self.plan.season, self.plan.horizon)

    def collate(self, examples: list[Example]) -> Batch:
        contexts, targets, units = zip(*examples, strict=True)
        return Batch(
            torch.from_numpy(np.stack(contexts)),
            torch.from_numpy(np.stack(targets)),
            torch.tensor(units, dtype=torch.float32),
        )

    def loss(self, network: nn.Module, batch: Batch) -> torch.Tensor:
        return pinball(network(batch.context).float(), batch.target)

    def predict(self, network: nn.Module, batch: Batch) -> torch.Tensor:
        """The scaled error of each example."""
        median = network(batch.context)[..., MEDIAN].float()
        errors: torch.Tensor = (median - batch.target).abs().mean(dim=1) * batch.unit
        return errors.cpu()

    def score(self, outputs: list[torch.Tensor]) -> dict[str, float]:
        return {self.metric: float(torch.cat(outputs).mean())}
