"""Every setting of this training; `python train.py --help` lists them."""

from typing import Annotated

from pydantic import Field

from core.search import Search
from core.settings import RunSettings
from defaults import COLUMNS, DATA, VALIDATION
from frequency import Name
from series import Fill

ALGORITHM = "lstm"


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
    context: int | None = Field(None, ge=4)
    """Values to look back on, a season at the least; blank takes two seasons, or two horizons."""
    width: Annotated[int, Search(choices=(16, 32, 64, 128))] = Field(32, ge=4)
    """Numbers that describe the values so far, in each layer."""
    layers: Annotated[int, Search(choices=(1, 2, 3))] = Field(1, ge=1)
    """Layers of the network."""
    dropout: Annotated[float, Search(0, 0.5, log=False)] = Field(0.1, ge=0, lt=1)
    """Share of the numbers that are left out at random in each step."""
    epochs: int = Field(60, ge=1)
    """Passes over the examples, at the most."""
    patience: int = Field(10, ge=1)
    """Epochs without a smaller error before it stops early."""
    batch: int = Field(64, ge=1)
    """Examples per step; what does not fit into memory is computed in smaller parts."""
    learning_rate: Annotated[float, Search(1e-4, 1e-2)] = Field(2e-3, gt=0)
    """Step size at its highest, after the warm-up."""
    warmup: float = Field(0.1, ge=0, lt=1)
    """Share of the steps over which the learning rate rises from 0."""
    weight_decay: Annotated[float, Search(0.001, 1)] = Field(0.01, ge=0)
    """Pull of the weights towards 0."""
    bf16: bool | None = False
    """Compute in bfloat16, which pays with wide layers; blank does so where it is faster."""
    checkpoint_minutes: float = Field(5.0, ge=0)
    """Minutes of work that a kill may cost at the most; an epoch's end always saves."""

    def look_back(self, season: int, horizon: int) -> int:
        return max(season, self.context or 2 * max(season, horizon))

    def least_history(self, season: int, horizon: int) -> int:
        """One example to train on, and one to stop early by."""
        return self.look_back(season, horizon) + 2 * horizon
