"""Every setting of this training; `python train.py --help` lists them."""

from typing import Annotated, Literal

from pydantic import Field

from core.search import Search
from core.settings import RunSettings
from defaults import COLUMNS, DATA, VALIDATION
from frequency import Name
from series import Fill

ALGORITHM = "prophet"


class Config(RunSettings):
    data: str = DATA
    validation: str = VALIDATION
    columns: dict[str, str] = COLUMNS

    horizon: int | None = Field(None, ge=1)
    """Values to forecast; blank takes what is usual for the frequency, and what the data allows."""
    frequency: Name | None = None
    """How often a value is measured; blank finds it in the times."""
    season: int | None = Field(None, ge=1)
    """Values after which a pattern comes again, 1 for none; blank takes that of the frequency."""
    windows: int | None = Field(None, ge=1)
    """Forecasts of each series in the backtest; blank takes a third of it, 10 at the most."""
    fill: Fill = "no"
    """What gaps are filled with: linear, previous or zero; no refuses them."""
    trend_changes: Annotated[float, Search(0.001, 0.5)] = Field(0.05, gt=0)
    """How readily the trend bends: larger follows the data closer."""
    season_strength: Annotated[float, Search(0.01, 10)] = Field(10.0, gt=0)
    """How far seasons may swing: smaller is smoother."""
    seasons: Annotated[
        Literal["additive", "multiplicative"], Search(choices=("additive", "multiplicative"))
    ] = "additive"
    """Whether seasons are added to the trend, or grow with it."""
    draws: int = Field(1000, ge=100)
    """Futures that are drawn for the intervals of a forecast."""
    most_values: int = Field(5000, ge=50)
    """Newest values of a series that its model looks at; more take long."""

    def least_history(self, season: int, horizon: int) -> int:
        return max(2 * season, 16)
