"""What this training has to do, for an estimate of its memory, time and cost."""

from config import SETUP, Config
from core.estimate.forecast import Forecast
from core.estimate.workload import text_workload
from data import Dataset


def forecast(config: Config, dataset: Dataset) -> Forecast:
    """Each pair is two sequences; a negative is rare enough to be left out."""
    texts = [text for pair in dataset.train for text in (pair.query, pair.passage)]
    return Forecast(text_workload(config, texts, config.max_length, sequences=2, **SETUP))
