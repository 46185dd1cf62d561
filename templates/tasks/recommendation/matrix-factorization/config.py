"""Every setting of this training; `python train.py --help` lists them."""

from typing import Annotated

from pydantic import Field

from core.search import Search
from core.settings import RunSettings
from defaults import COLUMNS, DATA, VALIDATION

ALGORITHM = "matrix-factorization"


class Config(RunSettings):
    data: str = DATA
    validation: str = VALIDATION
    columns: dict[str, str] = COLUMNS

    factors: Annotated[int, Search(4, 128)] = Field(16, ge=1, le=1024)
    """Numbers that describe an item: few on small data, 64 and more on millions of rows."""
    regularization: Annotated[float, Search(0.1, 100)] = Field(10.0, gt=0)
    """Pull of the factors towards 0: larger is smoother, smaller follows the data closer."""
    confidence: Annotated[float, Search(0.1, 40)] = Field(1.0, gt=0)
    """How much more an item counts that was taken than one that was not, at the mean rating."""
    iterations: int = Field(15, ge=1)
    """Rounds in which users and items are fitted to each other."""
    min_rating: float | None = Field(None, gt=0)
    """Rating from which an item was liked; less was only seen. Blank takes all above 0."""
