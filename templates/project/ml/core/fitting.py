"""One training as Lightning runs it: a step of its loop is a step of the optimizer."""

import math
import os
from pathlib import Path
from typing import Any

import lightning as L
import torch
from torch import nn
from torch.optim import AdamW, Optimizer
from torch.utils.data import DataLoader

from core import processes
from core.debug_steps import debug_steps
from core.errors import UserError
from core.learning import Learner
from core.settings import NetworkSettings
from core.steps import Batches, Part, seed_all

MAX_GRADIENT = 1.0  # norm of all gradients together; longer ones are cut


class Fitting(L.LightningModule):
    """A network, its optimizer, and the best weights so far."""

    def __init__(
        self,
        learner: Learner,
        train: Batches,
        validation: Batches,
        settings: NetworkSettings,
        workers: int,
    ) -> None:
        super().__init__()
        self.automatic_optimization = False  # a step has several backward passes
        self.learner = learner
        self.network = learner.build().train()  # Lightning leaves it as `from_pretrained` does
        self.train_batches = train
        self.validation_batches = validation
        self.settings = settings
        self.workers = workers
        self.per_epoch = train.per_epoch
        self.epochs = settings.epochs
        if settings.debug:
            steps = debug_steps(self.per_epoch)
            self.per_epoch = min(self.per_epoch, steps)
            self.epochs = steps // self.per_epoch
        self.step = 0  # steps that were taken, also by the processes before this one
        self.metrics: dict[str, float] = {}
        self.best_score = -math.inf  # higher is better
        self.best_weights: dict[str, torch.Tensor] = {}
        self.stale = 0  # epochs since the best one
        self._optimizer_state: dict[str, Any] = {}
        self._outputs: list[Any] = []
        self._losses: list[float] = []

    @property
    def steps(self) -> int:
        return self.epochs * self.per_epoch

    @property
    def epoch(self) -> int:
        """Whole epochs that were trained."""
        return self.step // self.per_epoch

    @property
    def is_done(self) -> bool:
        """A debug run does not end early: its speed is worth knowing."""
        is_stale = self.stale >= self.settings.patience and not self.settings.debug
        return self.step >= self.steps or is_stale

    @property
    def learning_rate(self) -> float:
        """Of the next step: it rises in a line from 0, then falls in one."""
        warmup = math.ceil(self.settings.warmup * self.steps)
        rise = (self.step + 1) / max(warmup, 1)
        fall = (self.steps - self.step) / max(self.steps - warmup, 1)
        return self.settings.learning_rate * min(rise, fall, 1.0)

    def train_dataloader(self) -> DataLoader[list[Part]]:
        """What is left of the epoch: a training may go on in the middle of one."""
        rest = range(self.step, (self.epoch + 1) * self.per_epoch)
        return self.train_batches.load(rest, self.workers)

    def val_dataloader(self) -> DataLoader[list[Part]]:
        return self.validation_batches.load(range(self.validation_batches.per_epoch), self.workers)

    def configure_optimizers(self) -> Optimizer:
        trained = [weight for weight in self.network.parameters() if weight.requires_grad]
        groups: list[dict[str, Any]] = [
            {"params": [weight for weight in trained if weight.ndim > 1]},
            {"params": [weight for weight in trained if weight.ndim < 2], "weight_decay": 0.0},
        ]
        optimizer = AdamW(
            groups, lr=self.settings.learning_rate, weight_decay=self.settings.weight_decay
        )
        if self._optimizer_state:
            optimizer.load_state_dict(self._optimizer_state)
            self._optimizer_state = {}
        return optimizer

    def training_step(self, parts: list[Part], index: int) -> torch.Tensor:
        # Of dropout: no generator's state has to be kept.
        seed_all(self.settings.seed, self.step, processes.rank())
        optimizer: Any = self.optimizers()
        for group in optimizer.param_groups:
            group["lr"] = self.learning_rate
        optimizer.zero_grad()
        total = torch.zeros((), device=self.device)
        for share, batch in parts:
            # Lightning takes the mean over the processes, of which each has a part.
            loss = self.learner.loss(self.network, batch) * (share * processes.count())
            self.manual_backward(loss)
            total += loss.detach()
        self.clip_gradients(optimizer, MAX_GRADIENT, "norm")
        optimizer.step()
        self.step += 1
        return total

    def on_validation_epoch_start(self) -> None:
        self._outputs, self._losses = [], []

    def validation_step(self, parts: list[Part], index: int) -> None:
        examples = self.validation_batches.size(index)
        for share, batch in parts:
            loss = float(self.learner.loss(self.network, batch))
            self._losses.append(loss * share * examples)
            self._outputs.append(self.learner.predict(self.network, batch))

    def on_validation_epoch_end(self) -> None:
        loss = sum(self._losses) / len(self.validation_batches.examples)
        metrics = {"loss": loss, **self.learner.score(self._outputs)}
        self.metrics = processes.share(metrics)  # running means differ a little in each process
        score = self.metrics[self.learner.metric]
        score = score if self.learner.higher_is_better else -score
        self.stale += 1
        if score > self.best_score:  # what is not a number never is
            self.best_score, self.stale = score, 0
            weights = self.learnt_state().items()
            self.best_weights = {name: weight.cpu().clone() for name, weight in weights}

    def learnt_state(self) -> dict[str, torch.Tensor]:
        """The state without frozen weights: `build` brings those back, and they may be large."""
        frozen = {n for n, weight in self.network.named_parameters() if not weight.requires_grad}
        state = self.network.state_dict()
        return {name: value for name, value in state.items() if name not in frozen}

    def best_network(self) -> nn.Module:
        """
        Raises:
            UserError: The metric never was a number.
        """
        if not self.best_weights:
            raise UserError(
                f"The training diverged: its {self.learner.metric} is no number."
                " Lower --learning-rate."
            )
        self._load(self.best_weights)
        return self.network.float().cpu().eval()

    def save(self, path: Path) -> None:
        """Write all that it takes to go on, to the end or not at all."""
        optimizer: Any = self.optimizers()
        state = {
            "step": self.step,
            "network": self.learnt_state(),
            "optimizer": optimizer.state_dict(),
            "best_score": self.best_score,
            "best_weights": self.best_weights,
            "stale": self.stale,
        }
        unfinished = path.with_suffix(".part")
        with unfinished.open("wb") as file:
            torch.save(state, file)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)

    def restore(self, path: Path) -> None:
        """Go on from a checkpoint, where there is one."""
        if not path.is_file():
            return
        state = torch.load(path, map_location="cpu", weights_only=True)
        self.step, self.stale = state["step"], state["stale"]
        self.best_score, self.best_weights = state["best_score"], state["best_weights"]
        self._load(state["network"])
        self._optimizer_state = state["optimizer"]

    def _load(self, learnt: dict[str, torch.Tensor]) -> None:
        self.network.load_state_dict(self.network.state_dict() | learnt)
