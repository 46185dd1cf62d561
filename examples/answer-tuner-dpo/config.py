"""Every setting of this training; `python train.py --help` lists them."""

from typing import Annotated

from pydantic import Field

from core.search import Search
from core.settings import RunSettings
from defaults import BASE_MODEL, COLUMNS, DATA, VALIDATION

ALGORITHM = "dpo"


class Config(RunSettings):
    data: str = DATA
    validation: str = VALIDATION
    columns: dict[str, str] = COLUMNS

    base_model: str = BASE_MODEL
    """Chat model to start from: a name on the Hugging Face Hub, or a local folder."""
    beta: Annotated[float, Search(0.03, 0.5)] = Field(0.1, gt=0)
    """How much it costs to move away from the base model; higher stays closer to it."""
    rank: int = Field(16, ge=1)
    """Width of the adapters: what they can learn, and their size."""
    alpha: int = Field(32, ge=1)
    """Strength of the adapters; they count alpha / rank."""
    max_length: int = Field(1024, ge=16)
    """Tokens of prompt and answer together; a longer answer is cut off."""
    epochs: int = Field(3, ge=1)
    """Passes over the training pairs, at the most."""
    patience: int = Field(2, ge=1)
    """Epochs without a better pairwise accuracy before it stops early."""
    batch: int = Field(16, ge=1)
    """Pairs per step; what does not fit into memory is computed in smaller parts."""
    learning_rate: Annotated[float, Search(5e-6, 5e-4)] = Field(5e-5, gt=0)
    """Step size at its highest, after the warm-up."""
    warmup: float = Field(0.1, ge=0, lt=1)
    """Share of the steps over which the learning rate rises from 0."""
    weight_decay: float = Field(0.0, ge=0)
    """Pull of the weights towards 0."""
    bf16: bool | None = None
    """Compute in bfloat16; blank does so where it is faster."""
    checkpoint_minutes: float = Field(5.0, ge=0)
    """Minutes of work that a kill may cost at the most; an epoch's end always saves."""
    shard: bool = False
    """Spread the model over the processes that torchrun starts, for one too large for each (FSDP2)."""
