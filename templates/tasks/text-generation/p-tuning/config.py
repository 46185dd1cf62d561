"""Every setting of this training; `python train.py --help` lists them."""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from core.search import Search
from core.settings import RunSettings
from defaults import BASE_MODEL, COLUMNS, DATA, VALIDATION

ALGORITHM = "p-tuning"
SETUP: dict[str, Any] = {
    "method": "p-tuning",
    "weights": "bfloat16",
}  # how it is trained, for estimates


class Config(RunSettings):
    data: str = DATA
    validation: str = VALIDATION
    columns: dict[str, str] = COLUMNS

    shard: ClassVar[bool] = False  # over processes: learnt vectors are not split

    base_model: str = BASE_MODEL
    """Language model to start from: a name on the Hugging Face Hub, or a local folder."""
    virtual_tokens: int = Field(20, ge=1)
    """Learnt tokens before each text."""
    encoder_width: int = Field(128, ge=1)
    """Width of the network that makes them while training; the artifact has no need of it."""
    max_length: int = Field(1024, ge=16)
    """Tokens of a row that are read; the rest is cut off."""
    epochs: int = Field(10, ge=1)
    """Passes over the training rows, at the most."""
    patience: int = Field(2, ge=1)
    """Epochs without a better perplexity before it stops early."""
    batch: Annotated[int, Search(choices=(4, 8, 16))] = Field(8, ge=1)
    """Rows per step; what does not fit into memory is computed in smaller parts."""
    learning_rate: Annotated[float, Search(0.0001, 0.01)] = Field(0.001, gt=0)
    """Step size at its highest, after the warm-up."""
    warmup: float = Field(0.05, ge=0, lt=1)
    """Share of the steps over which the learning rate rises from 0."""
    weight_decay: float = Field(0.0, ge=0)
    """Pull of the weights towards 0."""
    bf16: bool | None = None
    """Compute in bfloat16; blank does so where it is faster."""
    checkpoint_minutes: float = Field(5.0, ge=0)
    """Minutes of work that a kill may cost at the most; an epoch's end always saves."""
