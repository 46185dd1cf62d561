"""What this training has to do: how long the answers are that it tries, nobody knows before."""

from typing import NoReturn

from config import Config
from core.errors import UserError
from data import Dataset


def forecast(config: Config, dataset: Dataset) -> NoReturn:
    """
    Raises:
        UserError: Always.
    """
    raise UserError(
        "How long its answers will be is not known before: python train.py --debug measures a few steps."
    )
