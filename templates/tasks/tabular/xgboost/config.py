"""Every setting of this training; `python train.py --help` lists them."""

from typing import Annotated

from pydantic import Field

from core.search import Search
from core.settings import RunSettings
from defaults import COLUMNS, DATA, VALIDATION
from target import Asked

ALGORITHM = "xgboost"


class Config(RunSettings):
    data: str = DATA
    validation: str = VALIDATION
    columns: dict[str, str] = COLUMNS

    kind: Asked = "auto"
    """What the target is: classes, a number, or whichever its values look like."""
    ignore: list[str] = Field(default=[])
    """Columns to leave out, such as those that are not known yet when the model is asked."""
    rounds: int = Field(1000, ge=1)
    """Trees that are added one after the other, at the most."""
    patience: int = Field(50, ge=1)
    """Rounds without a smaller loss before it stops early."""
    learning_rate: Annotated[float, Search(0.01, 0.3)] = Field(0.05, gt=0, le=1)
    """Share of its correction that each tree contributes."""
    max_depth: Annotated[int, Search(2, 8, log=False)] = Field(4, ge=1, le=16)
    """Questions that a tree asks one after the other, at the most."""
    min_child_weight: Annotated[float, Search(0.5, 30)] = Field(1.0, ge=0)
    """Rows that every answer of a tree rests on, at the least; of classes, those in doubt."""
    subsample: Annotated[float, Search(0.5, 1, log=False)] = Field(0.8, gt=0, le=1)
    """Share of the rows that each tree sees."""
    columns_per_tree: Annotated[float, Search(0.3, 1, log=False)] = Field(0.8, gt=0, le=1)
    """Share of the encoded columns that each tree sees."""
    regularization: float = Field(1.0, ge=0)
    """Pull of the answers towards 0 (L2)."""
    class_weights: bool = False
    """Count rare classes as much as frequent ones; probabilities no longer are shares then."""
