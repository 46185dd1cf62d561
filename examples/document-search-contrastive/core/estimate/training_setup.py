"""How a model is trained, as far as its memory and its speed depend on it."""

from dataclasses import dataclass
from typing import Literal

from core.errors import UserError

Method = Literal["full", "lora", "qlora", "prefix", "p-tuning", "adapter", "inference"]
Dtype = Literal["float32", "bfloat16", "float16"]
Optimizer = Literal["adamw", "adamw-fused", "adamw-8bit", "adamw-paged", "sgd", "adafactor", "lion"]
Loss = Literal["full", "held", "chunked", "fused"]

BYTES: dict[Dtype, int] = {"float32": 4, "bfloat16": 2, "float16": 2}
ALL_LINEAR = ("q", "k", "v", "o", "gate", "up", "down")
COUNTS = (
    "rank",
    "sequence",
    "micro_batch",
    "accumulation",
    "gpus",
    "virtual_tokens",
    "encoder_width",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSetup:
    """
    Args:
        method: prefix learns `virtual_tokens` of keys and values, p-tuning the output of a network
            of `encoder_width` before each text; adapter is LLaMA-Adapter.
        targets: Linears that LoRA adapts, by role, and "head".
        dropout: Whether inputs of adapters are dropped out, which keeps a copy of each.
        weights: Of what is not quantised.
        autocast: Multiplies 16-bit copies of float32 weights: bf16=True of the Trainer.
        adapters: Of LoRA and the like: their weights, gradients and optimizer states.
        gradients: Of a full fine-tuning; None is that of the weights.
        master_weights: A float32 copy of trained 16-bit weights, with states in float32.
        checkpointing: Each block keeps its input alone, and is computed again in the backward.
        sequence: Tokens of the longest sequence, or of a pack; images have their own.
        target_sequence: Of the decoder's side, for models with two; 0 is as long as the source.
        micro_batch: Sequences at a time on one GPU.
        accumulation: Micro-batches in a step.
        packed: Sequences are full; else some of each batch is padding.
        loss: full has all logits at once; held has them until the backward ends, as loops do that
            keep a model's output; chunked holds them in parts; fused never has them.
        sharding: fsdp keeps a part of everything on each GPU, ddp all of it.
        offload: What is sharded waits in the host's memory.
        double_quantization: Of nf4: the scales are quantised, too.
        quantised_head: nf4 holds the head as well, where it is not tied.
        quantised_compute: What nf4 is multiplied in; None is as all else.
        keeps_quantised_inputs: bitsandbytes before 0.44 keeps them for the backward.
        compiled: torch.compile fuses what is between the multiplications.
    """

    method: Method = "full"
    rank: int = 16
    targets: tuple[str, ...] = ALL_LINEAR
    dropout: bool = False
    virtual_tokens: int = 20
    encoder_width: int = 128
    weights: Dtype = "bfloat16"
    autocast: bool = False
    adapters: Dtype = "float32"
    gradients: Dtype | None = None
    master_weights: bool = False
    optimizer: Optimizer = "adamw-fused"
    checkpointing: bool = False
    sequence: int = 512
    target_sequence: int = 0
    micro_batch: int = 1
    accumulation: int = 1
    packed: bool = False
    loss: Loss = "full"
    attention: Literal["sdpa", "eager"] = "sdpa"
    gpus: int = 1
    sharding: Literal["ddp", "fsdp"] = "ddp"
    offload: bool = False
    double_quantization: bool = False
    quantised_head: bool = False
    quantised_compute: Dtype | None = None
    keeps_quantised_inputs: bool = False
    compiled: bool = False

    def __post_init__(self) -> None:
        for name in COUNTS:
            if getattr(self, name) < 1:
                raise UserError(f"{name} is {getattr(self, name)}, and has to be 1 or more.")
        if unknown := set(self.targets) - {*ALL_LINEAR, "head"}:
            known = ", ".join((*ALL_LINEAR, "head"))
            raise UserError(f"LoRA cannot adapt {', '.join(sorted(unknown))}: choose from {known}.")
        if self.method == "lora" and not self.targets:
            raise UserError("LoRA adapts nothing: name at least one of its targets.")
        if self.offload and not self.is_sharded:
            raise UserError("What is not sharded cannot be offloaded: take fsdp on 2 GPUs or more.")

    @property
    def global_batch(self) -> int:
        """Sequences that one step learns from, on all GPUs."""
        return self.micro_batch * self.accumulation * self.gpus

    @property
    def is_sharded(self) -> bool:
        return self.sharding == "fsdp" and self.gpus > 1

    @property
    def shards(self) -> int:
        return self.gpus if self.is_sharded else 1

    @property
    def trains(self) -> bool:
        return self.method != "inference"

    @property
    def adapts(self) -> bool:
        """Learns little beside a frozen model."""
        return self.trains and self.method != "full"

    @property
    def weight_bytes(self) -> int:
        return BYTES[self.weights]

    @property
    def compute_bytes(self) -> int:
        """Of a number that is multiplied."""
        return 2 if self.autocast else self.weight_bytes

    @property
    def dequantised_bytes(self) -> int:
        """Of a number that was in nf4."""
        return BYTES[self.quantised_compute] if self.quantised_compute else self.compute_bytes

    @property
    def trained_bytes(self) -> int:
        return self.weight_bytes if self.method == "full" else BYTES[self.adapters]
