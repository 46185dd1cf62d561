"""Every setting of this training; `python train.py --help` lists them."""

from typing import Annotated, Any

from pydantic import Field

from core.search import Search
from core.settings import RunSettings
from defaults import BASE_MODEL, COLUMNS, DATA, VALIDATION

ALGORITHM = "full"
SETUP: dict[str, Any] = {"method": "full"}  # how it is trained, for estimates


class Config(RunSettings):
    data: str = DATA
    validation: str = VALIDATION
    columns: dict[str, str] = COLUMNS

    base_model: str = BASE_MODEL
    """Encoder to start from: a name on the Hugging Face Hub, or a local folder."""
    max_length: int = Field(256, ge=8, le=8192)
    """Tokens of a text that are read; the rest is cut off."""
    epochs: int = Field(12, ge=1)
    """Passes over the training rows, at the most."""
    patience: int = Field(3, ge=1)
    """Epochs without a better macro F1 before it stops early."""
    batch: Annotated[int, Search(choices=(8, 16, 32))] = Field(16, ge=1)
    """Texts per step; what does not fit into memory is computed in smaller parts."""
    learning_rate: Annotated[float, Search(2e-5, 1e-3)] = Field(1e-4, gt=0)
    """Step size at its highest, after the warm-up."""
    warmup: float = Field(0.1, ge=0, lt=1)
    """Share of the steps over which the learning rate rises from 0."""
    weight_decay: Annotated[float, Search(0.001, 0.1)] = Field(0.01, ge=0)
    """Pull of the weights towards 0."""
    class_weights: bool = True
    """Count rare labels as much as frequent ones."""
    bf16: bool | None = None
    """Compute in bfloat16; blank does so where it is faster."""
    checkpoint_minutes: float = Field(5.0, ge=0)
    """Minutes of work that a kill may cost at the most; an epoch's end always saves."""
    shard: bool = False
    """Spread the model over the processes that torchrun starts, for one too large for each (FSDP2)."""
