"""Every setting of this training; `python train.py --help` lists them."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from core.search import Search
from core.settings import RunSettings
from defaults import BASE_MODEL, COLUMNS, DATA, VALIDATION

ALGORITHM = "lora"
DEBUG_RESOLUTION = 128  # pixels: a sixteenth of the work


class Config(RunSettings):
    data: str = DATA
    validation: str = VALIDATION
    columns: dict[str, str] = COLUMNS

    base_model: str = BASE_MODEL
    """Stable Diffusion 1 or 2 to start from: a name on the Hugging Face Hub, or a local folder."""
    resolution: int = Field(512, ge=64, le=1024, multiple_of=64)
    """Pixels on each side of the squares that the pictures are cut and scaled to; --debug takes 128."""
    rank: Annotated[int, Search(choices=(4, 8, 16, 32))] = Field(16, ge=1, le=512)
    """Width of the adapters: what they can learn, and their size."""
    text_encoder: bool = False
    """Adapt the text encoder too: for words that the base model does not know; overfits sooner."""
    prompt_dropout: float = Field(0.1, ge=0, lt=1)
    """Share of the captions that are left out while training, so that guidance works later."""
    min_snr: float = Field(5.0, ge=0)
    """Signal-to-noise ratio from which on pictures with less noise count less; 0 counts all alike."""
    epochs: int = Field(12, ge=1)
    """Epochs at the most; each one ends with a validation."""
    repeats: int = Field(10, ge=1)
    """Times that an epoch shows each picture, each time under other noise."""
    patience: int = Field(3, ge=1)
    """Epochs without a better denoising loss before it stops early."""
    batch: Annotated[int, Search(choices=(2, 4, 8))] = Field(4, ge=1)
    """Pictures per step; what does not fit into memory is computed in smaller parts."""
    learning_rate: Annotated[float, Search(2e-5, 1e-3)] = Field(1e-4, gt=0)
    """Step size at its highest, after the warm-up."""
    warmup: float = Field(0.05, ge=0, lt=1)
    """Share of the steps over which the learning rate rises from 0."""
    weight_decay: float = Field(0.01, ge=0)
    """Pull of the weights towards 0."""
    gradient_checkpointing: bool = False
    """Compute more and remember less: about a third slower, for GPUs with 8 GB and less."""
    bf16: bool | None = None
    """Compute in bfloat16; blank does so where it is faster."""
    checkpoint_minutes: float = Field(5.0, ge=0)
    """Minutes of work that a kill may cost at the most; an epoch's end always saves."""
    shown: int = Field(4, ge=1, le=32)
    """Validation captions that the report shows pictures of."""
    copy_base: bool = False
    """Put the base model into the artifact, to be served where it cannot be found or downloaded."""

    @model_validator(mode="after")
    def _debug_with_small_pictures(self) -> Self:
        if self.debug and "resolution" not in self.model_fields_set:
            self.resolution = DEBUG_RESOLUTION
        return self
