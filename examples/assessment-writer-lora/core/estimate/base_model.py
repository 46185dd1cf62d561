"""The architecture of a base model, by its config.json alone: a few kilobytes."""

import json
import logging
from pathlib import Path

from core.errors import UserError
from core.estimate.architecture import Architecture
from core.estimate.architecture_reader import read_architecture

CONFIG = "config.json"


def read_base_model(name: str) -> Architecture:
    """
    Args:
        name: A folder, or a name on the Hugging Face Hub, whose cache is looked into first.

    Raises:
        UserError: There is no configuration, or it is of no family that is known.
    """
    path = Path(name, CONFIG) if Path(name).is_dir() else _fetch(name)
    try:
        config = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        raise UserError(f"{path} can't be read: restore it, or choose another model.") from None
    return read_architecture(config)


def _fetch(name: str) -> Path:
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # its retries end in our sentence
    try:
        return Path(hf_hub_download(name, CONFIG))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError):
        raise UserError(
            f"The configuration of {name} can't be had: is the name right, and the Hub in reach?"
        ) from None
