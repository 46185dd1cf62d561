"""How long a training takes: what is computed, what is read and written, and what is sent."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.activations import kept_by_block, loss_tokens, tokens_through
from core.architecture import Architecture, Block
from core.gpus import Gpu
from core.model_memory import quantised
from core.trained_parameters import trained_parameters
from core.training_setup import TrainingSetup

BANDWIDTH = 0.8  # of the data sheet's, that kernels reach
TOUCHED = 4  # times that what is kept is written or read, in one forward and backward pass
FUSED = 0.5  # of that, and of the kernels, is left after torch.compile
LAUNCH = 0.8e-3  # seconds to start the kernels of one layer in one pass from Python
HOST_LINK = 12.0  # GB/s between a GPU and the host's memory
PADDED = 1.1  # of texts that are grouped by their length
SPREAD = 0.35  # of what is expected, either way, before anything was measured
MEASURED_SPREAD = 0.15  # after three runs of the kind or more
SURE = 3  # runs


@dataclass(frozen=True, slots=True)
class TimeEstimate:
    """
    Args:
        tokens_per_second: On all GPUs together, padding not counted; of images, their patches.
        seconds: Of the whole training, without evaluation and start.
        spread: Part of it by which it may be wrong, either way.
    """

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
    """
    length = setup.sequence if setup.packed else min(tokens_per_row, setup.sequence)
    padded = length if length >= setup.sequence else min(length * PADDED, setup.sequence)
    typical = replace(setup, sequence=max(1, round(padded)))
    rows_per_step = setup.global_batch * (length / tokens_per_row if setup.packed else 1)
    steps = math.ceil(rows / rows_per_step) * epochs
    seconds = step_seconds(architecture, typical, gpu)
    per_row = architecture.image_tokens or min(tokens_per_row, setup.sequence)
    tokens = rows_per_step * (tokens_per_row if setup.packed else per_row)
    return TimeEstimate(tokens / seconds, seconds * steps)


def corrected(estimate: TimeEstimate, history: Sequence[tuple[float, float]]) -> TimeEstimate:
    """What is expected after runs of the same method on the same GPU.

    Args:
        history: Tokens a second that were estimated, and that were measured, of each run.
    """
    if not history:
        return estimate
    factor = statistics.median(measured / expected for expected, measured in history)
    spread = MEASURED_SPREAD if len(history) >= SURE else (SPREAD + MEASURED_SPREAD) / 2
    return TimeEstimate(estimate.tokens_per_second * factor, estimate.seconds / factor, spread)


def step_seconds(architecture: Architecture, setup: TrainingSetup, gpu: Gpu) -> float:
    """Of one step, all of its micro-batches, with what is sent between GPUs."""
    computed = flops(architecture, setup) / (gpu.teraflops * 1e12 * gpu.efficiency)
    touched = _bytes_touched(architecture, setup) / (gpu.bandwidth * 1e9 * BANDWIDTH)
    micro_batch = max(computed + touched, _launches(architecture, setup))
    sent = _bytes_gathered(architecture, setup) / (gpu.link * 1e9)
    sent += _offloaded(architecture, setup) / (HOST_LINK * 1e9)
    return setup.accumulation * (micro_batch + sent) + _update(architecture, setup, gpu)


def flops(architecture: Architecture, setup: TrainingSetup) -> float:
    """Of one micro-batch on one GPU."""
    total = 0.0
    for block in architecture.blocks:
        tokens = tokens_through(architecture, block, setup)
        weights = sum(linear.active_weights for linear in block.linears)
        scores = _scores(block, setup, architecture)
        per_token = 2 * weights * _passes(setup, 1) + scores * _passes(setup, 1.5)
        total += block.layers * tokens * per_token
    head = 2 * architecture.vocabulary * architecture.hidden * loss_tokens(architecture, setup)
    repeated = 1 if setup.checkpointing and setup.trains else 0  # the head is not computed again
    return total + head * (_passes(setup, 1) - repeated)


def _passes(setup: TrainingSetup, for_weights: float) -> float:
    """Forward passes that one training pass costs: the gradients of inputs cost one, too.

    Args:
        for_weights: What the gradients of weights cost, where they are computed at all; of
            attention, which has none, what the gradients of its three inputs cost beside one.
    """
    if not setup.trains:
        return 1
    learns_all = setup.method == "full" or for_weights > 1
    return 2 + (for_weights if learns_all else 0) + (1 if setup.checkpointing else 0)


def _scores(block: Block, setup: TrainingSetup, architecture: Architecture) -> float:
    """FLOPs of attention for one token in one forward pass."""
    length = architecture.image_tokens or setup.sequence
    causal = 0.5 if architecture.kind == "decoder" else 1
    return 4 * length * block.query_width * causal


def _bytes_touched(architecture: Architecture, setup: TrainingSetup) -> float:
    """What one micro-batch reads and writes beside what the multiplications need anyway."""
    kept = sum(
        block.layers
        * max(kept_by_block(architecture, block, setup), 8 * block.hidden * setup.compute_bytes)
        * tokens_through(architecture, block, setup)
        for block in architecture.blocks
    )
    passes = _passes(setup, 1)
    in_nf4 = quantised(architecture, setup)
    weights = (architecture.active_parameters * setup.compute_bytes) * passes
    dequantised = in_nf4 * (0.5 + setup.dequantised_bytes) * passes
    activations = kept * (TOUCHED + (1 if setup.checkpointing else 0)) if setup.trains else kept
    return activations * (FUSED if setup.compiled else 1) + weights + dequantised


def _launches(architecture: Architecture, setup: TrainingSetup) -> float:
    layers = sum(block.layers for block in architecture.blocks)
    fused = FUSED if setup.compiled else 1
    return LAUNCH * fused * layers * (_passes(setup, 1) if setup.trains else 1)


def _bytes_gathered(architecture: Architecture, setup: TrainingSetup) -> float:
    """What each GPU gets of the others for one micro-batch."""
    if setup.gpus == 1:
        return 0
    others = (setup.gpus - 1) / setup.gpus
    gradients = trained_parameters(architecture, setup) * setup.trained_bytes / setup.accumulation
    if not setup.is_sharded:
        return 2 * others * gradients if setup.trains else 0
    return others * (2 * _stored(architecture, setup) + gradients)


def _stored(architecture: Architecture, setup: TrainingSetup) -> float:
    in_nf4 = quantised(architecture, setup)
    return in_nf4 * 0.5 + (architecture.parameters - in_nf4) * setup.weight_bytes


def _offloaded(architecture: Architecture, setup: TrainingSetup) -> float:
    """What comes from the host for the forward and for the backward pass."""
    return 2 * _stored(architecture, setup) / setup.shards if setup.offload else 0


def _update(architecture: Architecture, setup: TrainingSetup, gpu: Gpu) -> float:
    """Seconds in which the optimizer reads and writes weights, gradients and moments."""
    trained = trained_parameters(architecture, setup) / setup.shards
    return trained * 7 * setup.trained_bytes / (gpu.bandwidth * 1e9 * BANDWIDTH)
