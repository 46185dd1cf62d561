"""What this training has to do, for an estimate of its memory, time and cost."""

from config import SETUP, Config
from core.estimate.forecast import Forecast
from core.estimate.workload import text_workload
from data import Dataset


def forecast(config: Config, dataset: Dataset) -> Forecast:
    texts = [example.whole for example in dataset.train]
    return Forecast(text_workload(config, texts, config.max_length, packed=config.packing, **SETUP))
