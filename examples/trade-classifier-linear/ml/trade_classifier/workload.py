"""What this training has to do: nothing for which a GPU would be rented."""

from typing import NoReturn

from config import Config
from core.errors import UserError
from data import Dataset


def forecast(config: Config, dataset: Dataset) -> NoReturn:
    """
    Raises:
        UserError: Always.
    """
    raise UserError("It trains on this machine's CPU, in seconds to minutes: no GPU is needed.")
