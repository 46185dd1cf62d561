"""Every setting of this training; `python train.py --help` lists them."""

from typing import Annotated

from pydantic import Field

from core.search import Search
from core.settings import RunSettings
from defaults import COLUMNS, DATA, VALIDATION
from target import Asked

ALGORITHM = "random-forest"


class Config(RunSettings):
    data: str = DATA
    validation: str = VALIDATION
    columns: dict[str, str] = COLUMNS

    kind: Asked = "auto"
    """What the target is: classes, a number, or whichever its values look like."""
    ignore: list[str] = Field(default=[])
    """Columns to leave out, such as those that are not known yet when the model is asked."""
    trees: int = Field(300, ge=1)
    """Trees whose answers are averaged: more are steadier, slower and larger."""
    max_depth: int | None = Field(None, ge=1)
    """Questions that a tree asks one after the other, at the most; blank sets no limit."""
    min_leaf: Annotated[int, Search(1, 30)] = Field(2, ge=1)
    """Training rows that every answer of a tree rests on, at the least."""
    features: Annotated[float, Search(0.1, 1, log=False)] = Field(0.4, gt=0, le=1)
    """Share of the encoded columns that each question may choose from."""
    class_weights: bool = False
    """Count rare classes as much as frequent ones; probabilities no longer are shares then."""
