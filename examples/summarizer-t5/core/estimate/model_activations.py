"""What all layers keep for the backward pass of a micro-batch, in bytes on one GPU."""

from core.estimate.architecture import Architecture, Block
from core.estimate.layer_activations import backward_bytes, kept_by_block
from core.estimate.training_setup import TrainingSetup


def kept_after_forward(architecture: Architecture, setup: TrainingSetup) -> int:
    """Bytes of activations when the forward pass is done."""
    everything = kept_by_all(architecture, setup)
    if not setup.checkpointing:
        return everything
    inputs = sum(
        block.layers
        * block.hidden
        * setup.weight_bytes
        * tokens_through(architecture, block, setup)
        for block in architecture.blocks
    )
    return min(inputs, everything)


def kept_by_all(architecture: Architecture, setup: TrainingSetup) -> int:
    """Bytes of activations without checkpointing."""
    return sum(
        block.layers
        * kept_by_block(architecture, block, setup)
        * tokens_through(architecture, block, setup)
        for block in architecture.blocks
    )


def largest_block(architecture: Architecture, setup: TrainingSetup) -> int:
    """Bytes of one layer in the backward pass."""
    if not setup.trains:
        return 0
    return max(
        (kept_by_block(architecture, block, setup) + backward_bytes(block, setup))
        * tokens_through(architecture, block, setup)
        for block in architecture.blocks
    )


def tokens_through(architecture: Architecture, block: Block, setup: TrainingSetup) -> int:
    """Tokens of a micro-batch that a block sees."""
    return setup.micro_batch * (block.positions or _length(architecture, setup, block.side))


def _length(architecture: Architecture, setup: TrainingSetup, side: str) -> int:
    if architecture.image_tokens:
        return architecture.image_tokens
    return (setup.target_sequence or setup.sequence) if side == "target" else setup.sequence


def loss_tokens(architecture: Architecture, setup: TrainingSetup) -> int:
    """Tokens of a micro-batch that get logits over the whole vocabulary."""
    if architecture.kind == "decoder":
        return setup.micro_batch * setup.sequence
    if architecture.kind == "encoder-decoder":
        return setup.micro_batch * (setup.target_sequence or setup.sequence)
    return 0
