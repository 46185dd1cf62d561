"""Every setting of this training; `python train.py --help` lists them."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from core.search import Search
from core.settings import RunSettings
from defaults import BASE_MODEL, COLUMNS, DATA, VALIDATION

ALGORITHM = "grpo"
DEBUG = {"group": 4, "answer_length": 16, "batch": 2}  # tokens are drawn one by one


class Config(RunSettings):
    data: str = DATA
    validation: str = VALIDATION
    columns: dict[str, str] = COLUMNS

    base_model: str = BASE_MODEL
    """Chat model to start from: a name on the Hugging Face Hub, or a local folder."""
    group: int = Field(8, ge=2)
    """Answers that are tried for each prompt; each is judged beside the others."""
    temperature: float = Field(1.0, gt=0, le=2)
    """How freely answers are tried: at 1 as the model would say them, above it more freely."""
    answer_length: int = Field(64, ge=1)
    """Tokens of an answer at the most."""
    max_length: int = Field(512, ge=8)
    """Tokens of a prompt at the most; rows with a longer one are left out."""
    beta: Annotated[float, Search(0.001, 0.2)] = Field(0.02, ge=0)
    """How much it costs to move away from the base model (KL divergence); 0 leaves it free."""
    rank: int = Field(16, ge=1)
    """Width of the adapters: what they can learn, and their size."""
    alpha: int = Field(32, ge=1)
    """Strength of the adapters; they count alpha / rank."""
    epochs: int = Field(2, ge=1)
    """Passes over the training prompts, at the most."""
    patience: int = Field(2, ge=1)
    """Epochs without a better mean reward before it stops early."""
    batch: int = Field(8, ge=1)
    """Prompts per step; what does not fit into memory is computed in smaller parts."""
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

    @model_validator(mode="after")
    def _debug_with_few_answers(self) -> Self:
        if self.debug:
            for name, value in DEBUG.items():
                if name not in self.model_fields_set:
                    setattr(self, name, value)
        return self
