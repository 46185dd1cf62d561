"""What a layer keeps for the backward pass: bytes for one token, tensor by tensor."""

from collections.abc import Iterable

from core.estimate.architecture import Architecture, Block, Linear
from core.estimate.trained_parameters import adapted
from core.estimate.training_setup import TrainingSetup

# Linears that multiply the same input as another, which names it.
SHARED = {
    "k": "q",
    "v": "q",
    "gate": "up",
    "router": "up",
    "cross_v": "cross_k",
}


def kept_by_block(architecture: Architecture, block: Block, setup: TrainingSetup) -> int:
    """Bytes that one layer keeps for one token."""
    length = architecture.image_tokens or setup.sequence
    if not setup.trains:
        return 0
    if block.positions:
        return _convolutions(block, setup)
    linears = _inputs_of_linears(block, setup) + _inputs_of_adapters(block, setup)
    return _norms(block, setup) + _attention(block, setup, length) + _mlp(block, setup) + linears


def backward_bytes(block: Block, setup: TrainingSetup) -> int:
    """Gradients of activations that are there at once, for one token."""
    widest = max(linear.outputs * linear.active for linear in block.linears)
    return setup.compute_bytes * (block.hidden + 2 * widest)


def _convolutions(block: Block, setup: TrainingSetup) -> int:
    """What each gives to its batch norm, and what that gives, after the activation, to the next."""
    outputs = sum(linear.outputs for linear in block.linears)
    return 2 * setup.compute_bytes * outputs + block.dropouts * block.hidden


def _norms(block: Block, setup: TrainingSetup) -> int:
    """RMS norms keep their input in float32, and, where they are trained, what they made of it."""
    if not block.rms:
        return block.norm_inputs * block.hidden * setup.weight_bytes
    width = block.norm_inputs * block.hidden
    if block.head_norms:
        width += block.query_width + block.key_width
    return width * (4 + (setup.weight_bytes if setup.method == "full" else 0))


def _attention(block: Block, setup: TrainingSetup, length: int) -> int:
    query, key = block.query_width, block.key_width
    if key < query:  # keys and values are repeated for the queries that share them
        width = 4 * query
    elif block.fused_qkv and block.rope:  # the values are a view of what holds all three
        width = 3 * query + 3 * key
    else:
        width = 2 * query + 2 * key
    kept = setup.compute_bytes * width + 4 * block.heads  # and the sums of each row of scores
    times = 1
    if any(x.role == "cross_q" for x in block.linears):
        kept += setup.compute_bytes * (2 * query + 2 * key)
        times = 2
    if block.eager or setup.attention == "eager":
        scores = 4 + setup.compute_bytes  # the softmax in float32, and what is multiplied
        kept += times * block.heads * length * scores
    return kept + block.dropouts * block.hidden


def _mlp(block: Block, setup: TrainingSetup) -> int:
    """What the activation function and the product with its gate need."""
    kept = 0
    is_gated = any(linear.role == "gate" for linear in block.linears)
    for linear in block.linears:
        if linear.role == "up":
            width = linear.outputs * linear.active * setup.compute_bytes
            kept += width * (block.activation_copies + (2 if is_gated else 0))
    return kept


def _inputs_of_linears(block: Block, setup: TrainingSetup) -> int:
    """Inputs of what is trained, or quantised by an old bitsandbytes."""
    if setup.method == "full":
        return _shared_inputs(block.linears, setup)
    if setup.method != "qlora" or not setup.keeps_quantised_inputs:
        return 0
    if setup.dequantised_bytes == setup.compute_bytes:
        return _shared_inputs(block.linears, setup)
    # Each linear converts its own.
    own = [x for x in block.linears if not (block.fused_qkv and x.role in ("k", "v"))]
    return sum(x.inputs * x.active for x in own) * setup.dequantised_bytes


def _inputs_of_adapters(block: Block, setup: TrainingSetup) -> int:
    """With dropout a copy and a mask for each; without, what the linears share."""
    found = adapted(block, setup)
    inner = setup.rank * sum(x.active for x in found) * setup.compute_bytes
    if not setup.dropout:
        is_kept = setup.method == "qlora" and setup.keeps_quantised_inputs
        return inner + (0 if is_kept else _shared_inputs(found, setup))
    in_one = [x for x in found if block.fused_qkv and x.role in ("q", "k", "v")]
    dropped = [x for x in found if x not in in_one[1:]]
    # Where a fused matrix is adapted in part, zeros are put between what is added.
    padded = sum(x.outputs for x in in_one) if len(in_one) in (1, 2) else 0
    copies = sum(x.inputs * x.active for x in dropped) * (setup.compute_bytes + 1)
    return inner + padded * setup.compute_bytes + copies


def _shared_inputs(linears: Iterable[Linear], setup: TrainingSetup) -> int:
    """One for all linears that multiply the same; what attention gives is kept already.

    Autocast makes a 16-bit copy for each linear after a norm, which gives float32.
    """
    copies = setup.autocast and setup.weight_bytes == 4
    kept = {
        x.role if copies else SHARED.get(x.role, x.role): x
        for x in linears
        if x.role not in ("o", "cross_o")
    }
    return sum(x.inputs * x.active for x in kept.values()) * setup.compute_bytes
