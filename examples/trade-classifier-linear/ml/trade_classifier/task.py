"""What this model learns and how, for the commands that say so and start it."""

from pathlib import Path

from config import ALGORITHM, Config
from core.command import Forecast, Task
from core.run import Run
from data import FIELDS, Dataset, load_dataset
from schemas import Input, Output


def train(config: Config, run: Run) -> Path:
    from pipeline import train  # takes seconds, which only a training has to spend

    return train(config, run)


def forecast(config: Config, dataset: Dataset) -> Forecast:
    from workload import forecast

    return forecast(config, dataset)


TASK = Task(
    name="text-classification",
    title="Text classification",
    algorithm=ALGORITHM,
    columns=FIELDS,
    metric="macro_f1",
    config=Config,
    input=Input,
    output=Output,
    load=load_dataset,
    train=train,
    forecast=forecast,
)
