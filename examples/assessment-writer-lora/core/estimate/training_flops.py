"""What a training computes, in floating-point operations."""

from core.estimate.architecture import Architecture, Block
from core.estimate.model_activations import loss_tokens, tokens_through
from core.estimate.training_setup import TrainingSetup


def flops(architecture: Architecture, setup: TrainingSetup) -> float:
    """Of one micro-batch on one GPU."""
    total = 0.0
    for block in architecture.blocks:
        tokens = tokens_through(architecture, block, setup)
        weights = sum(linear.active_weights for linear in block.linears)
        scores = _scores(block, setup, architecture)
        per_token = 2 * weights * passes(setup, 1) + scores * passes(setup, 1.5)
        total += block.layers * tokens * per_token
    head = 2 * architecture.vocabulary * architecture.hidden * loss_tokens(architecture, setup)
    repeated = 1 if setup.checkpointing and setup.trains else 0  # the head is not computed again
    return total + head * (passes(setup, 1) - repeated)


def passes(setup: TrainingSetup, for_weights: float) -> float:
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
