"""What this training has to do, for an estimate of its memory, time and cost."""

from config import Config
from core.estimate.forecast import Forecast
from core.estimate.token_count import count_tokens
from core.estimate.workload import text_workload
from data import Dataset


def forecast(config: Config, dataset: Dataset) -> Forecast:
    targets = count_tokens([example.target for example in dataset.train], config.base_model)
    return Forecast(
        text_workload(
            config,
            [example.source for example in dataset.train],
            config.max_length,
            method="full",
            target_sequence=round(min(max(targets), config.max_target_length)),
        )
    )
