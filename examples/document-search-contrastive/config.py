"""Every setting of this training; `python train.py --help` lists them."""

from typing import Annotated, Any

from pydantic import Field, PositiveInt

from core.search import Search
from core.settings import RunSettings
from defaults import BASE_MODEL, COLUMNS, DATA, VALIDATION

ALGORITHM = "contrastive"
SETUP: dict[str, Any] = {"method": "full"}  # how it is trained, for estimates


class Config(RunSettings):
    data: str = DATA
    validation: str = VALIDATION
    columns: dict[str, str] = COLUMNS

    base_model: str = BASE_MODEL
    """Sentence-transformers model or encoder to start from: a name on the Hugging Face Hub, or a local folder."""
    query_prompt: str | None = None
    """What is put before each query, such as "query: "; blank takes what the base model says."""
    passage_prompt: str | None = None
    """What is put before each passage; blank takes what the base model says."""
    max_length: int = Field(256, ge=8, le=8192)
    """Tokens of a text that are read; the rest is cut off."""
    dimensions: list[PositiveInt] = Field([])
    """Lengths at which the beginning of a vector has to be good too, as [64, 128] (Matryoshka)."""
    epochs: int = Field(5, ge=1)
    """Passes over the training rows, at the most."""
    patience: int = Field(2, ge=1)
    """Epochs without a better NDCG@10 before it stops early."""
    batch: Annotated[int, Search(choices=(16, 32, 64, 128))] = Field(32, ge=2)
    """Pairs per step; a query is told from all passages of its batch, so more is harder."""
    scale: Annotated[float, Search(10, 50)] = Field(20.0, gt=0)
    """What similarities are multiplied with: larger looks closer at the passages most alike."""
    learning_rate: Annotated[float, Search(1e-5, 3e-4)] = Field(5e-5, gt=0)
    """Step size at its highest, after the warm-up."""
    warmup: float = Field(0.1, ge=0, lt=1)
    """Share of the steps over which the learning rate rises from 0."""
    weight_decay: float = Field(0.01, ge=0)
    """Pull of the weights towards 0."""
    bf16: bool | None = None
    """Compute in bfloat16; blank does so where it is faster."""
    checkpoint_minutes: float = Field(5.0, ge=0)
    """Minutes of work that a kill may cost at the most; an epoch's end always saves."""
