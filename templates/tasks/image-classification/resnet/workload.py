"""What this training has to do: convolutions, for which there is no estimate."""

from config import Config
from core.errors import UserError
from data import Dataset


def forecast(config: Config, dataset: Dataset) -> None:
    """
    Raises:
        UserError: Always.
    """
    raise UserError(
        "There is no estimate for convolutions: python train.py --debug measures a few steps."
    )
