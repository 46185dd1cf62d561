"""Every setting of this training; `python train.py --help` lists them."""

from typing import Annotated

from pydantic import Field, PositiveInt

from core.search import Search
from core.settings import RunSettings
from defaults import COLUMNS, DATA, VALIDATION

ALGORITHM = "neural"


class Config(RunSettings):
    data: str = DATA
    validation: str = VALIDATION
    columns: dict[str, str] = COLUMNS

    factors: Annotated[int, Search(choices=(8, 16, 32, 64))] = Field(16, ge=1, le=1024)
    """Numbers that describe an item, in each of the two halves of the network."""
    layers: list[PositiveInt] = Field([32, 16], min_length=1)
    """Neurons of each hidden layer."""
    dropout: Annotated[float, Search(0, 0.5, log=False)] = Field(0.2, ge=0, lt=1)
    """Share of the neurons that are left out at random in each step."""
    negatives: int = Field(4, ge=1)
    """Items drawn at random, not taken, that stand beside each one that was."""
    epochs: int = Field(40, ge=1)
    """Passes over the training rows, at the most."""
    patience: int = Field(5, ge=1)
    """Epochs without a better NDCG@10 before it stops early."""
    batch: int = Field(256, ge=1)
    """Interactions per step; what does not fit into memory is computed in smaller parts."""
    learning_rate: Annotated[float, Search(5e-4, 2e-2)] = Field(5e-3, gt=0)
    """Step size at its highest, after the warm-up."""
    warmup: float = Field(0.1, ge=0, lt=1)
    """Share of the steps over which the learning rate rises from 0."""
    weight_decay: Annotated[float, Search(0.001, 1)] = Field(0.1, ge=0)
    """Pull of the weights towards 0."""
    bf16: bool | None = False
    """Compute in bfloat16, which pays with wide layers; blank does so where it is faster."""
    checkpoint_minutes: float = Field(5.0, ge=0)
    """Minutes of work that a kill may cost at the most; an epoch's end always saves."""
    min_rating: float | None = Field(None, gt=0)
    """Rating from which an item was liked; less was only seen. Blank takes all above 0."""
