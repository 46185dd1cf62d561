"""What a model and its optimizer hold, whatever the batch: bytes on each GPU."""

from core.estimate.architecture import Architecture
from core.estimate.trained_parameters import trained_parameters
from core.estimate.training_setup import BYTES, Optimizer, TrainingSetup

# Numbers that an optimizer keeps for each parameter, of the size of the trained weights.
STATES: dict[Optimizer, float] = {
    "adamw": 2,
    "adamw-fused": 2,
    "adamw-paged": 0,  # in memory of the host, which the driver moves
    "sgd": 0,
    "adafactor": 0.01,  # a row and a column of each matrix
    "lion": 1,
}
EIGHT_BIT = 2 + 2 * 4 / 256  # bytes for both moments, with a scale for each 256
NF4 = 0.5  # bytes of a weight
SCALE = 4 / 64  # of a weight: float32 for a block of 64
DOUBLE_SCALE = 1 / 64 + 4 / (64 * 256)  # 8 bits for a block, float32 for 256 blocks
GATHERED_BLOCKS = 2  # one that computes, one that comes


def model_memory(architecture: Architecture, setup: TrainingSetup) -> dict[str, int]:
    trained = trained_parameters(architecture, setup)
    on_gpu = 0 if setup.offload else 1
    adapters = trained * setup.trained_bytes if setup.adapts else 0
    master = 4 * trained if setup.master_weights and setup.trained_bytes == 2 else 0
    return {
        "weights": _weights(architecture, setup) + _half_copies(architecture, setup),
        "adapters": on_gpu * _share(adapters, setup),
        "master_weights": on_gpu * _share(master, setup),
        "optimizer": on_gpu * _share(trained * _state_bytes(setup), setup) if setup.trains else 0,
    }


def quantised(architecture: Architecture, setup: TrainingSetup) -> int:
    """Parameters in nf4."""
    if setup.method != "qlora":
        return 0
    head = architecture.vocabulary * architecture.hidden if setup.quantised_head else 0
    return architecture.linear_weights + min(head, architecture.head)


def gradients(architecture: Architecture, setup: TrainingSetup) -> int:
    """All of them; FSDP adds them up whole while it does not yet scatter them."""
    of_one = BYTES[setup.gradients] if setup.gradients else setup.trained_bytes
    whole = trained_parameters(architecture, setup) * of_one
    if setup.is_sharded:
        kept = 0 if setup.offload else _share(whole, setup)
        return whole if setup.accumulation > 1 else kept
    return whole


def buckets(architecture: Architecture, setup: TrainingSetup) -> int:
    """What DDP sends gradients in, from the first step to the last."""
    return gradients(architecture, setup) if setup.gpus > 1 and not setup.is_sharded else 0


def head_gradient(architecture: Architecture, setup: TrainingSetup) -> int:
    """What is there first: that of the head, or of the tokens that it shares."""
    if setup.method != "full" or architecture.kind not in ("decoder", "encoder-decoder"):
        return 0
    of_one = BYTES[setup.gradients] if setup.gradients else setup.trained_bytes
    return architecture.vocabulary * architecture.hidden * of_one


def dequantised_linear(architecture: Architecture, setup: TrainingSetup) -> int:
    """The largest matrix of a block, as it is multiplied."""
    if setup.method != "qlora":
        return 0
    largest = max(x.weights // x.copies for block in architecture.blocks for x in block.linears)
    return largest * _dequantised_bytes(setup)


def dequantised_head(architecture: Architecture, setup: TrainingSetup) -> int:
    if setup.method != "qlora" or not setup.quantised_head:
        return 0
    head = min(architecture.head, architecture.vocabulary * architecture.hidden)
    return head * _dequantised_bytes(setup)


def _dequantised_bytes(setup: TrainingSetup) -> int:
    """An old bitsandbytes gives float16, which is there beside what it becomes."""
    return 4 if setup.keeps_quantised_inputs else setup.dequantised_bytes


def gathered(architecture: Architecture, setup: TrainingSetup) -> int:
    """Weights that FSDP makes whole for a while, and their gradients before they are scattered."""
    if not setup.is_sharded:
        return 0
    ends = (architecture.embedding + architecture.head + architecture.extra) * setup.weight_bytes
    return _with_gradients(ends, setup) + _blocks(architecture, setup)


def step_buffer(architecture: Architecture, setup: TrainingSetup) -> int:
    """AdamW over lists of tensors, torch's default, holds the roots of all second moments."""
    if setup.optimizer != "adamw" or setup.offload:
        return 0
    trained = trained_parameters(architecture, setup)
    return _share(trained * (4 if setup.master_weights else setup.trained_bytes), setup)


def _weights(architecture: Architecture, setup: TrainingSetup) -> int:
    in_nf4 = quantised(architecture, setup)
    scales = in_nf4 * (DOUBLE_SCALE if setup.double_quantization else SCALE)
    plain = (architecture.parameters - in_nf4) * setup.weight_bytes
    sharded = 0 if setup.offload else _share(in_nf4 * NF4 + plain, setup)
    return sharded + round(scales)  # the scales are no parameters: each GPU has all of them


def _half_copies(architecture: Architecture, setup: TrainingSetup) -> int:
    """16-bit copies that autocast makes of float32 weights, and the backward pass needs."""
    if not setup.autocast or setup.weight_bytes == 2 or not setup.trains or setup.method == "qlora":
        return 0
    if setup.checkpointing or setup.is_sharded:
        return 2 * max(sum(x.weights for x in block.linears) for block in architecture.blocks)
    return 2 * architecture.linear_weights


def _state_bytes(setup: TrainingSetup) -> float:
    if setup.optimizer == "adamw-8bit":
        return EIGHT_BIT
    return STATES[setup.optimizer] * (4 if setup.master_weights else setup.trained_bytes)


def _blocks(architecture: Architecture, setup: TrainingSetup) -> int:
    """The largest blocks, whole, and the gradients of one."""
    block = max(architecture.blocks, key=lambda block: block.parameters)
    in_nf4 = sum(x.weights for x in block.linears) if setup.method == "qlora" else 0
    one = in_nf4 * NF4 + (block.parameters - in_nf4) * setup.weight_bytes
    return round(GATHERED_BLOCKS * one) + _with_gradients(round(one), setup) - round(one)


def _with_gradients(whole: int, setup: TrainingSetup) -> int:
    """Weights that are gathered, with gradients that are not yet scattered."""
    return 2 * whole if setup.method == "full" else whole


def _share(whole: float, setup: TrainingSetup) -> int:
    return round(whole / setup.shards)
