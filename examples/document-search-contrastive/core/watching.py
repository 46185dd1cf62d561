"""What stands beside a training with Lightning: a probe of memory, events, checkpoints, limits."""

import copy
import time
from pathlib import Path
from typing import Any, cast

import lightning as L
import torch
from tqdm import tqdm

from core import processes
from core.fitting import Fitting
from core.memory import agree_on_memory
from core.progress import LOGS_PER_RUN, Progress
from core.run import Run
from core.settings import NetworkSettings


class Probe(L.Callback):
    """Computes a full part before step 1, so that memory runs out now rather than in an hour."""

    def on_train_start(self, trainer: L.Trainer, module: L.LightningModule) -> None:
        with agree_on_memory():
            self._compute(trainer, cast(Fitting, module))

    def _compute(self, trainer: L.Trainer, fitting: Fitting) -> None:
        batches = fitting.train_batches
        numbers = range(min(batches.micro_batch, len(batches.examples)))
        batch = batches.learner.collate([batches.examples[number] for number in numbers])
        batch = fitting.transfer_batch_to_device(batch, fitting.device, 0)
        # A copy keeps the running means of the network as they are, and takes as much as one of
        # the two moments of AdamW will; what is frozen has no moments and is not copied.
        weights = list(fitting.network.parameters())
        shared = {id(weight): weight for weight in weights if not weight.requires_grad}
        network = copy.deepcopy(fitting.network, shared)
        moments = [torch.empty_like(weight) for weight in weights if weight.requires_grad]
        with trainer.precision_plugin.train_step_context():
            loss = fitting.learner.loss(network, batch)
        loss.backward()
        del moments


class Watch(L.Callback):
    """Turns what Lightning does into events and a progress bar, keeps checkpoints, stops in time."""

    def __init__(self, run: Run, settings: NetworkSettings, checkpoint: Path) -> None:
        self.run = run
        self.batch = settings.batch
        self.checkpoint = checkpoint
        self.checkpoint_seconds = settings.checkpoint_minutes * 60
        self.losses: list[torch.Tensor] = []

    def on_fit_start(self, trainer: L.Trainer, module: L.LightningModule) -> None:
        fitting = cast(Fitting, module)
        self.bar = tqdm(
            total=fitting.steps,
            initial=fitting.step,
            unit="step",
            disable=not processes.is_first(),
        )

    def on_train_start(self, trainer: L.Trainer, module: L.LightningModule) -> None:
        self.saved = time.monotonic()
        fitting = cast(Fitting, module)
        self.progress = Progress(self.run, fitting.steps, self.batch, fitting.step)

    def on_train_batch_end(
        self, trainer: L.Trainer, module: L.LightningModule, outputs: Any, batch: Any, index: int
    ) -> None:
        fitting = cast(Fitting, module)
        self.bar.update()
        self.losses.append(outputs["loss"])
        if fitting.step % max(1, fitting.steps // LOGS_PER_RUN) == 0:
            self._log(fitting, trainer.optimizers[0].param_groups[0]["lr"])
        must_stop = self.run.agree_to_stop()
        if fitting.step % fitting.per_epoch == 0:
            return  # an epoch's end evaluates, then saves
        if must_stop or time.monotonic() - self.saved >= self.checkpoint_seconds:
            self._save(fitting)
        self.run.stop_if_asked()

    def on_validation_end(self, trainer: L.Trainer, module: L.LightningModule) -> None:
        fitting = cast(Fitting, module)
        self.run.event("evaluation", step=fitting.step, metrics=fitting.metrics)

    def on_train_epoch_end(self, trainer: L.Trainer, module: L.LightningModule) -> None:
        fitting = cast(Fitting, module)
        self._save(fitting)
        self.run.agree_to_stop()
        self.run.stop_if_asked()
        trainer.should_stop = fitting.is_done

    def on_exception(
        self, trainer: L.Trainer, module: L.LightningModule, error: BaseException
    ) -> None:
        self.bar.close()
        if isinstance(error, KeyboardInterrupt):
            raise error  # Lightning would make an exit code of its own of it

    def on_train_end(self, trainer: L.Trainer, module: L.LightningModule) -> None:
        self.bar.close()

    def _save(self, fitting: Fitting) -> None:
        if processes.is_first():
            fitting.save(self.checkpoint)
        self.saved = time.monotonic()
        self.run.event("checkpoint", step=fitting.step)

    def _log(self, fitting: Fitting, learning_rate: float) -> None:
        loss = float(torch.stack(self.losses).mean())
        self.losses.clear()
        self.bar.set_postfix(loss=f"{loss:.3f}")
        self.progress.tell(
            fitting.step,
            epoch=fitting.step / fitting.per_epoch,
            loss=loss,
            learning_rate=learning_rate,
        )
