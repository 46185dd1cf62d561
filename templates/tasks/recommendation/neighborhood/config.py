"""Every setting of this training; `python train.py --help` lists them."""

from typing import Annotated, Literal

from pydantic import Field

from core.search import Search
from core.settings import RunSettings
from defaults import COLUMNS, DATA, VALIDATION

ALGORITHM = "neighborhood"


class Config(RunSettings):
    data: str = DATA
    validation: str = VALIDATION
    columns: dict[str, str] = COLUMNS

    by: Literal["item", "user"] = "item"
    """item: what is taken together with what the user took. user: what similar users took."""
    neighbors: Annotated[int, Search(5, 200)] = Field(30, ge=1)
    """Most similar items of each item, or most similar users of a user, that count."""
    shrinkage: Annotated[float, Search(0.05, 50)] = Field(0.5, ge=0)
    """Doubt in similarities that rest on few interactions: larger trusts them less."""
    min_rating: float | None = Field(None, gt=0)
    """Rating from which an item was liked; less was only seen. Blank takes all above 0."""
