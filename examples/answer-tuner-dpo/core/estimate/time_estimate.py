"""How long a training takes: what is computed, what is read and written, and what is sent."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.errors import UserError
from core.estimate.architecture import Architecture
from core.estimate.gpus import Gpu
from core.estimate.trained_parameters import trained_parameters
from core.estimate.training_flops import flops
from core.estimate.training_setup import TrainingSetup
from core.estimate.training_traffic import (
    bytes_exchanged,
    bytes_offloaded,
    bytes_touched,
    launch_seconds,
)

BANDWIDTH = 0.8  # of the data sheet's, that kernels reach
FLOAT32 = 1 / 8  # of the speed in 16 bits; 1/2 to 1/16, by the card
HOST_LINK = 12.0  # GB/s between a GPU and the host's memory
PADDED = 1.1  # of texts that are grouped by their length
SPREAD = 0.35  # of what is expected, either way, before anything was measured
MEASURED_SPREAD = 0.15  # after three runs of the kind or more
SURE = 3  # runs


@dataclass(frozen=True, slots=True)
class TimeEstimate:
    """
    Args:
        rows_per_second: Texts or images, on all GPUs together.
        tokens_per_second: The same in tokens, padding not counted; of images, in patches.
        seconds: Of the whole training, without evaluation and start.
        spread: Part of it by which it may be wrong, either way.
    """

    rows_per_second: float
    tokens_per_second: float
    seconds: float
    spread: float = SPREAD

    @property
    def fastest(self) -> float:
        return self.seconds / (1 + self.spread)

    @property
    def slowest(self) -> float:
        return self.seconds * (1 + self.spread)


def estimate_time(
    architecture: Architecture,
    setup: TrainingSetup,
    gpu: Gpu,
    *,
    rows: int,
    tokens_per_row: float,
    epochs: float = 1,
) -> TimeEstimate:
    """
    Args:
        rows: Texts or images of one epoch.
        tokens_per_row: Of a text, on average; as long as `setup.sequence` for images.

    Raises:
        UserError: There is nothing to train on.
    """
    if rows < 1 or tokens_per_row <= 0 or epochs <= 0:
        raise UserError(
            f"Nothing takes no time: {rows} rows of {tokens_per_row:g} tokens, {epochs:g} times."
        )
    length = setup.sequence if setup.packed else min(tokens_per_row, setup.sequence)
    padded = length if length >= setup.sequence else min(length * PADDED, setup.sequence)
    typical = replace(setup, sequence=max(1, round(padded)))
    rows_per_step = setup.global_batch * (length / tokens_per_row if setup.packed else 1)
    steps = math.ceil(rows / rows_per_step) * epochs
    of_step = step_seconds(architecture, typical, gpu)
    speed = rows_per_step / of_step
    of_row = architecture.image_tokens or (tokens_per_row if setup.packed else length)
    return TimeEstimate(speed, speed * of_row, of_step * steps)


def corrected(estimate: TimeEstimate, history: Sequence[tuple[float, float]]) -> TimeEstimate:
    """What is expected after runs of the same method on the same GPU.

    Args:
        history: Rows or tokens a second that were estimated, and that were measured, of each run.
    """
    if not history:
        return estimate
    factor = statistics.median(measured / expected for expected, measured in history)
    spread = MEASURED_SPREAD if len(history) >= SURE else (SPREAD + MEASURED_SPREAD) / 2
    return TimeEstimate(
        estimate.rows_per_second * factor,
        estimate.tokens_per_second * factor,
        estimate.seconds / factor,
        spread,
    )


def step_seconds(architecture: Architecture, setup: TrainingSetup, gpu: Gpu) -> float:
    """Of one step, all of its micro-batches, with what is sent between GPUs."""
    computed = flops(architecture, setup) / _flops_per_second(setup, gpu)
    touched = bytes_touched(architecture, setup) / (gpu.bandwidth * 1e9 * BANDWIDTH)
    micro_batch = max(computed + touched, launch_seconds(architecture, setup))
    sent = bytes_exchanged(architecture, setup) / (gpu.link * 1e9)
    sent += bytes_offloaded(architecture, setup) / (HOST_LINK * 1e9)
    return setup.accumulation * (micro_batch + sent) + _update(architecture, setup, gpu)


def _flops_per_second(setup: TrainingSetup, gpu: Gpu) -> float:
    is_emulated = setup.weights == "bfloat16" and not gpu.has_bf16
    is_fast = setup.compute_bytes == 2 and not is_emulated
    return gpu.teraflops * 1e12 * gpu.efficiency * (1 if is_fast else FLOAT32)


def _update(architecture: Architecture, setup: TrainingSetup, gpu: Gpu) -> float:
    """Seconds in which the optimizer reads and writes weights, gradients and moments."""
    trained = trained_parameters(architecture, setup) / setup.shards
    return trained * 7 * setup.trained_bytes / (gpu.bandwidth * 1e9 * BANDWIDTH)
