"""Every setting of this training; `python train.py --help` lists them."""

from typing import Annotated, Literal

from pydantic import Field

from core.search import Search
from core.settings import RunSettings
from defaults import COLUMNS, DATA, VALIDATION
from frequency import Name
from series import Fill

ALGORITHM = "arima"


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
    log: bool | None = None
    """Model logarithms, for ups and downs that grow with the values; blank tries where it can."""
    most_values: int = Field(2000, ge=50)
    """Newest values of a series that its model looks at; more take long."""
    most_lags: Annotated[int, Search(choices=(1, 2, 3))] = Field(2, ge=0, le=5)
    """Values and errors before, of each kind, that a model may look at."""
    criterion: Annotated[Literal["aicc", "bic"], Search(choices=("aicc", "bic"))] = "aicc"
    """What chooses the orders: bic takes simpler ones than aicc."""

    def least_history(self, season: int, horizon: int) -> int:
        return max(2 * season, 16)
