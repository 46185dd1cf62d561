"""Every setting of this training; `python train.py --help` lists them."""

from typing import Annotated

from pydantic import Field

from core.search import Search
from core.settings import RunSettings
from defaults import COLUMNS, DATA, VALIDATION
from target import Asked

ALGORITHM = "logistic-regression"


class Config(RunSettings):
    data: str = DATA
    validation: str = VALIDATION
    columns: dict[str, str] = COLUMNS

    kind: Asked = "auto"
    """What the target is: classes, a number, or whichever its values look like."""
    ignore: list[str] = Field(default=[])
    """Columns to leave out, such as those that are not known yet when the model is asked."""
    inverse_regularization: Annotated[float, Search(1e-3, 1e3)] = Field(1.0, gt=0)
    """Trust in the training data: smaller is smoother, larger follows it closer."""
    class_weights: bool = False
    """Count rare classes as much as frequent ones; probabilities no longer are shares then."""
