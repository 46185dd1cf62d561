"""Every setting of this training; `python train.py --help` lists them."""

from typing import Annotated

from pydantic import Field

from core.search import Search
from core.settings import RunSettings
from defaults import BASE_MODEL, COLUMNS, DATA, VALIDATION

ALGORITHM = "frozen"


class Config(RunSettings):
    data: str = DATA
    validation: str = VALIDATION
    columns: dict[str, str] = COLUMNS

    base_model: str = BASE_MODEL
    """Encoder that embeds the texts: a name on the Hugging Face Hub, or a local folder."""
    max_length: int = Field(256, ge=8, le=8192)
    """Tokens of a text that are read; the rest is cut off."""
    embedding_weight: Annotated[float, Search(0.3, 3)] = Field(1.0, gt=0)
    """Length of an embedding beside the TF-IDF features, whose parts have length 1 each."""
    inverse_regularization: Annotated[float, Search(0.1, 100)] = Field(3.0, gt=0)
    """Trust in the training data: smaller is smoother, larger follows it closer."""
    class_weights: bool = True
    """Count rare labels as much as frequent ones."""
