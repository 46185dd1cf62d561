"""How many parameters a training changes."""

from core.estimate.architecture import Architecture, Block, Linear
from core.estimate.training_setup import TrainingSetup

UNADAPTED = 2  # first layers that LLaMA-Adapter leaves alone


def trained_parameters(architecture: Architecture, setup: TrainingSetup) -> int:
    if setup.method == "full":
        return architecture.parameters
    if setup.method in ("lora", "qlora"):
        blocks = sum(block.layers * _of_lora(block, setup) for block in architecture.blocks)
        head = architecture.hidden + architecture.vocabulary if "head" in setup.targets else 0
        return blocks + setup.rank * head
    if setup.method == "prefix":
        return sum(b.layers * setup.virtual_tokens * 2 * b.key_width for b in architecture.blocks)
    if setup.method == "p-tuning":
        hidden, width = architecture.hidden, setup.encoder_width
        network = (hidden + 1) * width + (width + 1) * width + (width + 1) * hidden
        return setup.virtual_tokens * hidden + network
    if setup.method == "adapter":
        return sum(
            max(b.layers - UNADAPTED, 1) * (setup.virtual_tokens * b.hidden + b.heads)
            for b in architecture.blocks
        )
    return 0


def adapted(block: Block, setup: TrainingSetup) -> list[Linear]:
    """The linears that LoRA adapts, those of cross-attention included."""
    if setup.method not in ("lora", "qlora"):
        return []
    return [x for x in block.linears if x.role.removeprefix("cross_") in setup.targets]


def _of_lora(block: Block, setup: TrainingSetup) -> int:
    return sum(setup.rank * x.copies * (x.inputs + x.outputs) for x in adapted(block, setup))
