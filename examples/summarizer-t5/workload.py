"""What this training has to do, for an estimate of its memory, time and cost."""

from config import Config
from core.estimate.forecast import Forecast
from core.estimate.workload import CHARACTERS, text_workload
from data import Dataset


def forecast(config: Config, dataset: Dataset) -> Forecast:
    longest = max(len(example.target) for example in dataset.train) / CHARACTERS
    return Forecast(
        text_workload(
            config,
            [example.source for example in dataset.train],
            config.max_length,
            method="full",
            target_sequence=round(min(longest, config.max_target_length)) or 1,
        )
    )
