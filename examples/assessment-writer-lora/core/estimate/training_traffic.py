"""What a training moves: through a GPU's memory, between GPUs, and from the host."""

from core.estimate.architecture import Architecture
from core.estimate.layer_activations import kept_by_block
from core.estimate.model_activations import tokens_through
from core.estimate.model_memory import quantised
from core.estimate.trained_parameters import trained_parameters
from core.estimate.training_flops import passes
from core.estimate.training_setup import TrainingSetup

TOUCHED = 4  # times that what is kept is written or read, in one forward and backward pass
FUSED = 0.5  # of that, and of the kernels, is left after torch.compile
LAUNCH = 0.8e-3  # seconds to start the kernels of one layer in one pass from Python


def bytes_touched(architecture: Architecture, setup: TrainingSetup) -> float:
    """What one micro-batch reads and writes beside what the multiplications need anyway."""
    kept = sum(
        block.layers
        * max(kept_by_block(architecture, block, setup), 8 * block.hidden * setup.compute_bytes)
        * tokens_through(architecture, block, setup)
        for block in architecture.blocks
    )
    times = passes(setup, 1)
    in_nf4 = quantised(architecture, setup)
    weights = architecture.active_parameters * setup.compute_bytes * times
    dequantised = in_nf4 * (0.5 + setup.dequantised_bytes) * times
    activations = kept * (TOUCHED + (1 if setup.checkpointing else 0)) if setup.trains else kept
    return activations * (FUSED if setup.compiled else 1) + weights + dequantised


def launch_seconds(architecture: Architecture, setup: TrainingSetup) -> float:
    layers = sum(block.layers for block in architecture.blocks)
    fused = FUSED if setup.compiled else 1
    return LAUNCH * fused * layers * (passes(setup, 1) if setup.trains else 1)


def bytes_exchanged(architecture: Architecture, setup: TrainingSetup) -> float:
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


def bytes_offloaded(architecture: Architecture, setup: TrainingSetup) -> float:
    """What comes from the host for the forward and for the backward pass."""
    return 2 * _stored(architecture, setup) / setup.shards if setup.offload else 0
