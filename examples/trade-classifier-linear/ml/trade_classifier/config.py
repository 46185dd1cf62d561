"""Every setting of this training; `python train.py --help` lists them."""

from typing import Annotated

from pydantic import Field

from core.search import Search
from core.settings import RunSettings
from defaults import COLUMNS, DATA, VALIDATION

ALGORITHM = "linear"


class Config(RunSettings):
    data: str = DATA
    validation: str = VALIDATION
    columns: dict[str, str] = COLUMNS

    inverse_regularization: Annotated[float, Search(1, 300)] = Field(30.0, gt=0)
    """Trust in the training data: smaller is smoother, larger follows it closer."""
    class_weights: bool = True
    """Count rare labels as much as frequent ones."""
