"""Every setting of this training; `python train.py --help` lists them."""

from typing import Annotated, ClassVar

from pydantic import Field

from core.search import Search
from core.settings import RunSettings
from defaults import BASE_MODEL, COLUMNS, DATA, VALIDATION

ALGORITHM = "bart"


class Config(RunSettings):
    shard: ClassVar[bool] = False  # over processes: encoder and decoder share what reads words

    data: str = DATA
    validation: str = VALIDATION
    columns: dict[str, str] = COLUMNS

    base_model: str = BASE_MODEL
    """BART to start from: a name on the Hugging Face Hub, or a local folder."""
    prefix: str = ""
    """Put before every source, here and when it is served."""
    max_length: int = Field(512, ge=8, le=16384)
    """Tokens of a source that are read; the rest is cut off."""
    max_target_length: int = Field(128, ge=4, le=4096)
    """Tokens of an answer at the most; targets that are longer are cut off."""
    num_beams: int = Field(1, ge=1, le=16)
    """Answers that are followed at a time, of which the likeliest is given; 1 is the fastest."""
    epochs: int = Field(10, ge=1)
    """Passes over the training rows, at the most."""
    patience: int = Field(2, ge=1)
    """Epochs without a lower validation loss before it stops early."""
    batch: Annotated[int, Search(choices=(8, 16, 32))] = Field(16, ge=1)
    """Rows per step; what does not fit into memory is computed in smaller parts."""
    learning_rate: Annotated[float, Search(1e-5, 2e-4)] = Field(5e-5, gt=0)
    """Step size at its highest, after the warm-up."""
    warmup: float = Field(0.05, ge=0, lt=1)
    """Share of the steps over which the learning rate rises from 0."""
    weight_decay: Annotated[float, Search(0.001, 0.1)] = Field(0.01, ge=0)
    """Pull of the weights towards 0."""
    judged: int = Field(500, ge=1)
    """Validation rows that are answered in the end, to measure chrF and ROUGE."""
    bf16: bool | None = None
    """Compute in bfloat16; blank does so where it is faster."""
    checkpoint_minutes: float = Field(5.0, ge=0)
    """Minutes of work that a kill may cost at the most; an epoch's end always saves."""
