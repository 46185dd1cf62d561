"""How much memory of a GPU a training needs, part by part, at the moment when it needs most."""

from dataclasses import dataclass, fields
from typing import Literal

from core.estimate.architecture import Architecture
from core.estimate.gpus import Gpu
from core.estimate.model_activations import (
    kept_after_forward,
    kept_by_all,
    largest_block,
    loss_tokens,
)
from core.estimate.model_memory import (
    buckets,
    dequantised_head,
    dequantised_linear,
    gathered,
    gradients,
    head_gradient,
    model_memory,
    step_buffer,
)
from core.estimate.training_setup import Loss, TrainingSetup

Verdict = Literal["fits", "tight", "does not fit"]

CONTEXT = 600 * 2**20  # bytes: CUDA's own, its libraries and kernels
FRAGMENTATION = 0.15  # of what comes and goes; the allocator keeps blocks that nothing else fits
SPREAD = 0.10  # either way; versions of libraries differ by about as much
SHARDED_SPREAD = 0.35  # of a full fine-tuning with FSDP: a published row needed a third more
# Bytes for each logit, counted in transformers and in a loss over chunks of 128 tokens. In the
# loss: float32 logits, their log-softmax and the gradients of both; then what is left of them
# while the head computes its gradients, and while the blocks do.
LOSS_BYTES: dict[Loss, int] = {"full": 12, "held": 16, "chunked": 10, "fused": 0}
HEAD_BYTES: dict[Loss, int] = {"full": 6, "held": 10, "chunked": 6, "fused": 0}
BLOCK_BYTES: dict[Loss, int] = {"full": 0, "held": 4, "chunked": 4, "fused": 0}


@dataclass(frozen=True, slots=True)
class Parts:
    """Bytes on each GPU."""

    weights: int = 0
    adapters: int = 0
    master_weights: int = 0
    optimizer: int = 0
    gradients: int = 0
    activations: int = 0
    logits: int = 0
    buffers: int = 0  # what is dequantised, gathered from other GPUs, or needed by a step

    @property
    def total(self) -> int:
        return sum(getattr(self, field.name) for field in fields(self))


@dataclass(frozen=True, slots=True)
class MemoryEstimate:
    """Bytes on each GPU.

    `allocated` is what torch.cuda.max_memory_allocated says, `reserved` max_memory_reserved, and
    `needed` what the GPU must have.
    """

    parts: Parts
    spread: float = SPREAD

    @property
    def allocated(self) -> int:
        return self.parts.total

    @property
    def reserved(self) -> int:
        passing = self.parts.activations + self.parts.logits + self.parts.buffers
        return self.allocated + round(FRAGMENTATION * passing)

    @property
    def needed(self) -> int:
        return self.reserved + CONTEXT

    @property
    def low(self) -> int:
        return round(self.allocated * (1 - self.spread)) + CONTEXT

    @property
    def high(self) -> int:
        return round(self.reserved * (1 + self.spread)) + CONTEXT

    def verdict(self, gpu: Gpu) -> Verdict:
        """Whether it runs there: tight is what runs with luck."""
        if self.high <= gpu.memory:
            return "fits"
        return "tight" if self.needed <= gpu.memory else "does not fit"


def estimate_memory(architecture: Architecture, setup: TrainingSetup) -> MemoryEstimate:
    """What each GPU has to hold when it holds most: in the loss, in the backward, or in the step."""
    most = max(_moments(architecture, setup), key=lambda parts: parts.total)
    is_sharded = setup.is_sharded and setup.method == "full"
    return MemoryEstimate(most, SHARDED_SPREAD if is_sharded else SPREAD)


def _moments(architecture: Architecture, setup: TrainingSetup) -> list[Parts]:
    model = model_memory(architecture, setup)
    sent = buckets(architecture, setup)
    held = sent + gathered(architecture, setup)

    def moment(gradient: int, activations: int, logits: int, buffers: int) -> Parts:
        return Parts(
            **model, gradients=gradient, activations=activations, logits=logits, buffers=buffers
        )

    whole = gradients(architecture, setup)
    before = whole if setup.accumulation > 1 else 0  # of micro-batches that came before
    kept, block = kept_after_forward(architecture, setup), largest_block(architecture, setup)
    logits = loss_tokens(architecture, setup) * architecture.vocabulary
    head = max(before, head_gradient(architecture, setup))
    again = min(kept + block, kept_by_all(architecture, setup)) if setup.checkpointing else kept
    return [
        moment(before, kept, LOSS_BYTES[setup.loss] * logits, held),
        moment(
            head,
            kept,
            HEAD_BYTES[setup.loss] * logits,
            held + dequantised_head(architecture, setup),
        ),
        moment(
            head,
            again,
            BLOCK_BYTES[setup.loss] * logits,
            held + dequantised_linear(architecture, setup),
        ),
        moment(whole, block, 0, held + dequantised_linear(architecture, setup)),
        moment(whole, 0, 0, sent + step_buffer(architecture, setup)),
    ]
