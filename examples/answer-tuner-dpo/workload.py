"""What this training has to do, for an estimate of its memory, time and cost."""

from config import Config
from conversations import Conversation
from core.estimate.forecast import Forecast
from core.estimate.workload import text_workload
from data import Dataset


def forecast(config: Config, dataset: Dataset) -> Forecast:
    """Each pair is two sequences: the question with the one answer, and with the other."""
    texts = [
        say_all((*pair.prompt, *answer))
        for pair in dataset.train
        for answer in (pair.chosen, pair.rejected)
    ]
    return Forecast(
        text_workload(
            config, texts, config.max_length, sequences=2, method="lora", rank=config.rank
        )
    )


def say_all(conversation: Conversation) -> str:
    return "\n".join(message.content for message in conversation)
