"""Train a network with Lightning so that limits, kills and full memory cost minutes, not the run."""

import logging
import os
import warnings
from collections.abc import Sequence
from typing import Any

import lightning as L
from lightning.pytorch.utilities.exceptions import SIGTERMException
from torch import nn

from core import processes
from core.checkpoints import bring
from core.errors import UserError
from core.fitting import Fitting
from core.learning import Comparing, Learner
from core.memory import within_memory
from core.precision import supports_bf16
from core.run import Run
from core.settings import NetworkSettings
from core.steps import Batches, seed_all
from core.watching import Probe, Watch

logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
warnings.filterwarnings("ignore", module="lightning")

CHECKPOINT = "last.ckpt"


def fit(
    learner: Learner,
    train: Sequence[Any],
    validation: Sequence[Any],
    settings: NetworkSettings,
    run: Run,
    workers: int = 0,
) -> nn.Module:
    """Train until the metric gets no better; return the best network seen, in float32.

    A batch that does not fit is computed in smaller parts: the gradient stays that of
    `settings.batch` examples, however many processes share them. A learner that is `Comparing`
    does so itself, and gets each process's part of a batch whole.

    Args:
        workers: Processes that collate ahead of the training; 0 collates in between.

    Raises:
        Stopped: A signal came or the time is up; `run.checkpoints` holds what it takes to go on.
        UserError: Not even one example at a time fits into memory, or the training diverged.
    """

    def attempt(micro_batch: int) -> nn.Module:
        seed_all(settings.seed)
        share = processes.count()
        if isinstance(learner, Comparing):
            learner.compute_at_most(micro_batch)
            micro_batch = processes.part_of(settings.batch)
        fitting = Fitting(
            learner,
            Batches(learner, train, settings.batch, micro_batch, seed=settings.seed, share=share),
            Batches(learner, validation, micro_batch, micro_batch),
            settings,
            workers,
        )
        fitting.restore(bring(run.checkpoints / CHECKPOINT))
        if not fitting.is_done:
            _run_lightning(fitting, settings, run)
        run.stop_if_asked()
        return fitting.best_network()

    network = within_memory(attempt, processes.part_of(settings.batch), run)
    processes.join()
    return network


def _run_lightning(fitting: Fitting, settings: NetworkSettings, run: Run) -> None:
    bf16 = supports_bf16() if settings.bf16 is None else settings.bf16
    here = int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
    trainer = L.Trainer(
        barebones=True,  # no logger, checkpoints, progress bar or summary of its own
        max_epochs=fitting.epochs - fitting.epoch,
        devices=here,
        num_nodes=processes.count() // here,
        strategy="ddp" if processes.count() > 1 else "auto",
        use_distributed_sampler=False,  # `Batches` gives each process its part
        precision="bf16-mixed" if bf16 else "32-true",
        callbacks=[Probe(), Watch(run, settings, run.checkpoints / CHECKPOINT)],
        reload_dataloaders_every_n_epochs=1,  # the first may be the rest of one
        default_root_dir=run.checkpoints,
    )
    if trainer.world_size != processes.count():
        raise UserError(f"Lightning sees {trainer.world_size} of {processes.count()} processes.")
    try:
        trainer.fit(fitting)
    except SIGTERMException:  # it came after the last step, and would end as a success
        run.stop_if_asked()
