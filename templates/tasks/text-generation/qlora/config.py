"""Every setting of this training; `python train.py --help` lists them."""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from core.search import Search
from core.settings import RunSettings
from defaults import BASE_MODEL, COLUMNS, DATA, VALIDATION

ALGORITHM = "qlora"
SETUP: dict[str, Any] = {
    "method": "qlora",
    "weights": "bfloat16",
    "double_quantization": True,
}  # how it is trained, for estimates


class Config(RunSettings):
    data: str = DATA
    validation: str = VALIDATION
    columns: dict[str, str] = COLUMNS

    shard: ClassVar[bool] = False  # over processes: four-bit weights are not split

    base_model: str = BASE_MODEL
    """Language model to start from: a name on the Hugging Face Hub, or a local folder."""
    rank: int = Field(16, ge=1)
    """Width of the adapters: what they can learn, and their size."""
    alpha: int = Field(32, ge=1)
    """Strength of the adapters; they count alpha / rank."""
    dropout: float = Field(0.05, ge=0, lt=1)
    """Share of the adapters' inputs that is left out while training."""
    merge: bool = False
    """Write the merged model, too: as large as the base model, and served without it."""
    checkpointing: bool = True
    """Compute the layers' outputs again in the backward pass: less memory, a third more time."""
    max_length: int = Field(1024, ge=16)
    """Tokens of a row that are read; the rest is cut off."""
    packing: bool = False
    """Put short rows together up to max_length: a GPU has less to pad, a step holds more rows."""
    epochs: int = Field(3, ge=1)
    """Passes over the training rows, at the most."""
    patience: int = Field(1, ge=1)
    """Epochs without a better perplexity before it stops early."""
    batch: Annotated[int, Search(choices=(4, 8, 16))] = Field(8, ge=1)
    """Rows per step; what does not fit into memory is computed in smaller parts."""
    learning_rate: Annotated[float, Search(5e-5, 2e-3)] = Field(2e-4, gt=0)
    """Step size at its highest, after the warm-up."""
    warmup: float = Field(0.05, ge=0, lt=1)
    """Share of the steps over which the learning rate rises from 0."""
    weight_decay: float = Field(0.0, ge=0)
    """Pull of the weights towards 0."""
    bf16: bool | None = None
    """Compute in bfloat16; blank does so where it is faster."""
    checkpoint_minutes: float = Field(5.0, ge=0)
    """Minutes of work that a kill may cost at the most; an epoch's end always saves."""
