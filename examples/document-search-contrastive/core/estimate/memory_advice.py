"""What to change, so that a training fits a GPU: what costs least speed and quality comes first."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from typing import Literal, get_args

from core.estimate.architecture import Architecture
from core.estimate.gpus import Gpu
from core.estimate.memory_estimate import MemoryEstimate, estimate_memory
from core.estimate.training_setup import Dtype, TrainingSetup

MOST_GPUS = 8  # of one machine

ChangeName = Literal["fused loss", "checkpointing", "micro-batch", "lora", "qlora", "gpus"]
Change = Callable[[TrainingSetup], Iterator[TrainingSetup]]

CHANGES: tuple[ChangeName, ...] = get_args(ChangeName)  # what costs least comes first


@dataclass(frozen=True, slots=True)
class Advice:
    """
    Args:
        reason: What is changed and why, in one line; blank where nothing has to be.
    """

    setup: TrainingSetup
    estimate: MemoryEstimate
    reason: str


def advise(
    architecture: Architecture,
    setup: TrainingSetup,
    gpu: Gpu,
    *,
    allowed: Collection[ChangeName] = CHANGES,
    most_gpus: int = MOST_GPUS,
) -> Advice | None:
    """The cheapest changes with which it fits, at the same global batch; None if none are enough.

    Args:
        allowed: What may be changed.
        most_gpus: That may be rented together.
    """
    chosen = [setup]
    changes = _changes(architecture, most_gpus)
    for change in (changes[name] for name in CHANGES if name in changes and name in allowed):
        if _fits(architecture, chosen[-1], gpu):
            break
        chosen += _until_it_fits(architecture, change(chosen[-1]), gpu)
    if not _fits(architecture, chosen[-1], gpu):
        return None
    lean = _without_needless(architecture, setup, chosen[-1], gpu)
    return Advice(lean, estimate_memory(architecture, lean), _reason(setup, lean))


def _changes(architecture: Architecture, most_gpus: int) -> dict[ChangeName, Change]:
    """Those that there are for such a model."""
    changes: dict[ChangeName, Change] = {
        "checkpointing": _checkpoint,
        "micro-batch": _split,
        "gpus": lambda setup: _share_out(setup, most_gpus),
    }
    if architecture.kind in ("decoder", "encoder-decoder"):
        changes["fused loss"] = _fuse
    if all(block.heads for block in architecture.blocks):  # LoRA adapts no convolutions
        changes["lora"] = _adapt
    if architecture.kind == "decoder":
        changes["qlora"] = _quantise
    return changes


def _until_it_fits(
    architecture: Architecture, setups: Iterator[TrainingSetup], gpu: Gpu
) -> list[TrainingSetup]:
    """The first that fits, or the last; nothing where there is nothing to change."""
    tried: list[TrainingSetup] = []
    for setup in setups:
        tried = [setup]
        if _fits(architecture, setup, gpu):
            break
    return tried


def _fits(architecture: Architecture, setup: TrainingSetup, gpu: Gpu) -> bool:
    return estimate_memory(architecture, setup).verdict(gpu) == "fits"


def _fuse(setup: TrainingSetup) -> Iterator[TrainingSetup]:
    if setup.loss != "fused" and setup.trains:
        yield replace(setup, loss="fused")


def _checkpoint(setup: TrainingSetup) -> Iterator[TrainingSetup]:
    if setup.trains and not setup.checkpointing:
        yield replace(setup, checkpointing=True)


def _split(setup: TrainingSetup) -> Iterator[TrainingSetup]:
    for size in range(setup.micro_batch - 1, 0, -1):
        if setup.micro_batch % size == 0:
            times = setup.micro_batch // size
            yield replace(setup, micro_batch=size, accumulation=setup.accumulation * times)


def _adapt(setup: TrainingSetup) -> Iterator[TrainingSetup]:
    if setup.method == "full":
        yield replace(setup, method="lora", weights=_half(setup))


def _half(setup: TrainingSetup) -> Dtype:
    """A frozen model needs no float32, where 16 bits are computed anyway."""
    return "bfloat16" if setup.autocast else setup.weights


def _quantise(setup: TrainingSetup) -> Iterator[TrainingSetup]:
    if setup.method == "lora":
        yield replace(setup, method="qlora")


def _share_out(setup: TrainingSetup, most_gpus: int) -> Iterator[TrainingSetup]:
    gpus = setup.gpus
    if gpus > 1 and setup.sharding == "ddp":
        yield replace(setup, sharding="fsdp")
    while gpus * 2 <= most_gpus:
        gpus *= 2
        ours = setup.global_batch // gpus
        if ours * gpus != setup.global_batch:
            return
        micro = next(
            size for size in range(min(setup.micro_batch, ours), 0, -1) if ours % size == 0
        )
        yield replace(
            setup, gpus=gpus, sharding="fsdp", micro_batch=micro, accumulation=ours // micro
        )


def _without_needless(
    architecture: Architecture, before: TrainingSetup, after: TrainingSetup, gpu: Gpu
) -> TrainingSetup:
    """Take back what turned out not to be needed, the dearest first."""
    lean = after
    for taken_back in (
        {"method": before.method, "weights": before.weights},
        {"micro_batch": before.micro_batch, "accumulation": before.accumulation},
        {"checkpointing": before.checkpointing},
        {"loss": before.loss},
    ):
        simpler = replace(lean, **taken_back)
        same_batch = simpler.global_batch == before.global_batch
        if same_batch and _fits(architecture, simpler, gpu):
            lean = simpler
    return lean


def _reason(before: TrainingSetup, after: TrainingSetup) -> str:
    said = []
    if after.method != before.method:
        said.append("4-bit weights under LoRA" if after.method == "qlora" else "LoRA")
    if after.loss != before.loss:
        said.append("a fused loss, which never holds all logits")
    if after.checkpointing and not before.checkpointing:
        said.append("checkpointing, which computes each block twice")
    if after.micro_batch != before.micro_batch:
        said.append(f"{after.micro_batch} at a time, added up over {after.accumulation} times")
    if after.gpus != before.gpus or after.sharding != before.sharding:
        said.append(f"shared out over {after.gpus} GPUs")
    return "; ".join(said)
