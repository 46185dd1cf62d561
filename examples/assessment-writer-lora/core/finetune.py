"""Fine-tune a transformer so that limits, kills and full memory cost minutes, not the run."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import torch
from tqdm import tqdm
from transformers import (
    EarlyStoppingCallback,
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainingArguments,
    set_seed,
)

from core import processes
from core.checkpoints import bring
from core.debug_steps import debug_steps
from core.memory import agree_on_memory, within_memory
from core.precision import supports_bf16
from core.progress import LOGS_PER_RUN, Progress
from core.run import Run
from core.settings import FinetuneSettings, NetworkSettings
from core.sharding import gather, shard_without_gpu, sharding_options

Example = dict[str, Any]
Network = Any  # a PreTrainedModel, or a PeftModel around one


class Finetuning(Protocol):
    """What differs from task to task.

    Where less of the metric is better, it says `lower_is_better = True`. Where logits of all
    validation examples fill any memory, `reduce(logits, labels)` makes less of each batch's: that
    is what `score` gets then.
    """

    def build(self) -> Network:
        """A new model with its starting weights."""

    def collate(self, examples: list[Example]) -> dict[str, torch.Tensor]:
        """One batch, padded to its own longest example."""

    def loss(self, outputs: Any, labels: torch.Tensor, num_items_in_batch: Any = None) -> Any:
        """Loss of a micro-batch: a sum over its examples, divided by `num_items_in_batch`."""

    def score(self, prediction: Any) -> dict[str, float]:
        """Metrics on the validation examples; `metric` names the one that decides."""

    metric: str


def finetune(
    task: Finetuning,
    train: list[Example],
    validation: list[Example],
    settings: FinetuneSettings,
    run: Run,
) -> Network:
    """Train until the metric stops growing; return the best model seen.

    A batch that does not fit is computed in smaller parts: the gradient stays that of
    `settings.batch` examples, however many processes share them.

    Args:
        train: Examples with `input_ids` and `labels`.

    Raises:
        Stopped: A signal came or the time is up; `run.checkpoints` holds what it takes to go on.
        UserError: Not even one example at a time fits into memory.
    """
    trained = within_memory(
        lambda micro_batch: _attempt(task, train, validation, settings, run, micro_batch),
        processes.part_of(settings.batch),
        run,
        smaller="lower --max-length, or choose a smaller --base-model",
    )
    processes.join()
    return trained


def last_checkpoint(folder: Path) -> Path | None:
    """The newest checkpoint that was written to its end."""
    for path in sorted(folder.glob("checkpoint-*"), key=_step, reverse=True):
        try:
            json.loads((path / "trainer_state.json").read_text(encoding="utf-8"))  # written last
        except (OSError, ValueError):
            continue
        return path
    return None


def _brought_checkpoint(run: Run) -> Path | None:
    """The first node's newest one, on each node."""
    newest = last_checkpoint(run.checkpoints)
    name = processes.share(newest and newest.name)
    return bring(run.checkpoints / name) if name else None


def _step(checkpoint: Path) -> int:
    return int(checkpoint.name.rpartition("-")[2])


def _attempt(
    task: Finetuning,
    train: list[Example],
    validation: list[Example],
    settings: FinetuneSettings,
    run: Run,
    micro_batch: int,
) -> Network:
    set_seed(settings.seed)
    network = task.build()
    trainer = Trainer(
        model=network,
        args=TrainingArguments(
            **options(len(train), settings, run, micro_batch),
            **(sharding_options(network) if settings.shard else {}),
            metric_for_best_model=task.metric,
            greater_is_better=not getattr(task, "lower_is_better", False),
        ),
        data_collator=task.collate,
        train_dataset=train,
        eval_dataset=sorted(validation, key=length),  # like lengths share a batch
        compute_metrics=task.score,
        preprocess_logits_for_metrics=getattr(task, "reduce", None),
        compute_loss_func=task.loss,
        callbacks=[
            Probe(task.collate, longest(train, micro_batch)),
            Watch(run, settings),
            # A debug run does not end early: its speed is worth knowing.
            *([] if settings.debug else [EarlyStoppingCallback(settings.patience)]),
        ],
    )
    trainer.remove_callback(PrinterCallback)
    if settings.shard:
        shard_without_gpu(trainer)
    checkpoint = _brought_checkpoint(run)
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    run.stop_if_asked()
    if settings.shard:
        return gather(trainer, task.build())
    # The Trainer's bf16 lives on in `forward`: what is exported has to be the model itself.
    return trainer.accelerator.unwrap_model(trainer.model, keep_fp32_wrapper=False)


def length(example: Example) -> int:
    return len(example["input_ids"])


def longest(examples: list[Example], count: int) -> list[Example]:
    """The largest batch that there can be: long inputs may meet the long labels of others."""
    batch = sorted(examples, key=length)[-count:]
    if not isinstance(examples[0].get("labels"), list):
        return batch
    labels = sorted((example["labels"] for example in examples), key=len)[-count:]
    return [{**e, "labels": ids} for e, ids in zip(batch, labels, strict=True)]


def options(rows: int, settings: NetworkSettings, run: Run, micro_batch: int) -> dict[str, Any]:
    """Of `TrainingArguments`, for a training that ends with the best model seen."""
    per_epoch = -(-rows // settings.batch)
    steps = debug_steps(per_epoch) if settings.debug else settings.epochs * per_epoch
    return {
        "output_dir": str(run.checkpoints),
        "num_train_epochs": settings.epochs,
        "max_steps": steps if settings.debug else -1,
        "per_device_train_batch_size": micro_batch,
        "per_device_eval_batch_size": micro_batch,
        "gradient_accumulation_steps": processes.part_of(settings.batch) // micro_batch,
        "train_sampling_strategy": "group_by_length",
        "remove_unused_columns": False,  # `collate` knows what a batch needs
        "learning_rate": settings.learning_rate,
        "weight_decay": settings.weight_decay,
        "warmup_steps": settings.warmup,
        "optim": "adamw_torch_fused",
        "use_cpu": not torch.accelerator.is_available(),
        "bf16": supports_bf16() if settings.bf16 is None else settings.bf16,
        "log_on_each_node": False,
        "log_level_replica": "error",  # the best checkpoint is where the first process is
        "eval_strategy": "epoch",
        "save_strategy": "epoch",
        "save_total_limit": 2,
        "load_best_model_at_end": True,
        "restore_callback_states_from_checkpoint": True,
        "logging_steps": max(1, steps // LOGS_PER_RUN),
        "disable_tqdm": True,
        "report_to": "none",
        "ddp_find_unused_parameters": False,
        "seed": settings.seed,
    }


class Probe(TrainerCallback):
    """Runs the longest batch before step 1, so that memory runs out now rather than in an hour."""

    def __init__(self, collate: Callable[[list[Example]], Any], longest: list[Example]) -> None:
        self.batch = collate(longest)

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        model = kwargs["model"].train()
        trainable = [weight for weight in model.parameters() if weight.requires_grad]
        devices = [args.device] if args.device.type == "cuda" else []
        # Dropout here must not change the training.
        with agree_on_memory(), torch.random.fork_rng(devices):
            moments = [torch.empty_like(weight) for weight in trainable * 2]  # AdamW's, to come
            self.loss(model, {n: v.to(args.device) for n, v in self.batch.items()}).backward()
            del moments
        model.zero_grad()

    def loss(self, model: Network, batch: dict[str, torch.Tensor]) -> Any:
        return model(**batch).loss


class Watch(TrainerCallback):
    """Turns what the Trainer does into events and a progress bar, and stops it in time."""

    def __init__(self, run: Run, settings: NetworkSettings) -> None:
        self.run = run
        self.batch = settings.batch
        self.checkpoint_seconds = settings.checkpoint_minutes * 60

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.saved = time.monotonic()
        self.progress = Progress(self.run, state.max_steps, self.batch, state.global_step)
        self.bar = tqdm(
            total=state.max_steps,
            initial=state.global_step,
            unit="step",
            disable=not processes.is_first(),
        )

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.bar.update()
        must_stop = self.run.agree_to_stop()
        control.should_training_stop |= must_stop
        is_late = time.monotonic() - self.saved >= self.checkpoint_seconds
        due = bool(processes.largest(int(is_late)))
        # An epoch's end evaluates, then saves: a checkpoint between the two would skip the one.
        control.should_save = (due or must_stop) and not state.epoch.is_integer()

    def on_epoch_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if not state.epoch.is_integer():  # it was stopped: no evaluation that a whole run has not
            control.should_evaluate = control.should_save = False

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.saved = time.monotonic()
        self.run.event("checkpoint", step=state.global_step)

    def on_log(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        logs = kwargs["logs"]
        if "loss" not in logs:
            return
        self.bar.set_postfix(loss=f"{logs['loss']:.3f}")
        self.progress.tell(
            state.global_step,
            epoch=state.epoch,
            loss=logs["loss"],
            learning_rate=logs["learning_rate"],
        )

    def on_evaluate(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        metrics = {
            name.removeprefix("eval_"): value
            for name, value in kwargs["metrics"].items()
            if not name.endswith(("_runtime", "_per_second")) and name != "epoch"
        }
        self.run.event("evaluation", step=state.global_step, metrics=metrics)

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.bar.close()
