"""What this training has to do, for an estimate of its memory, time and cost."""

from config import Config
from core.estimate.forecast import Forecast
from core.estimate.workload import describe
from data import Dataset

PATCHES = 4096  # of a picture at the most; the model knows how many it makes


def forecast(config: Config, dataset: Dataset) -> Forecast:
    return Forecast(
        describe(
            config,
            rows=len(dataset.train),
            tokens_per_row=PATCHES,
            sequence=PATCHES,
            method="full",
        )
    )
