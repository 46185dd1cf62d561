"""Load a base model by hub name or from a local folder, or say in a sentence why that fails."""

import logging
from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, AutoModelForSequenceClassification
from transformers.utils import logging as transformers_logging

from core.errors import ModelUnavailable

transformers_logging.set_verbosity_error()
transformers_logging.disable_progress_bar()
logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # its retries end in our sentence

CONFIGS = ("config.json", "model_index.json")  # of a model, of a pipeline of several
ATTENTION_DROPOUT = ("attention_probs_dropout_prob", "attention_dropout")  # as models call it


def load_pretrained(auto_class: Any, name: str, **options: Any) -> Any:
    """Call `auto_class.from_pretrained`.

    Args:
        auto_class: A class such as `AutoModel` or `AutoTokenizer`.
        name: Name on the Hugging Face Hub, or a folder.

    Raises:
        ModelUnavailable: It is neither there, nor in the cache, nor can it be downloaded.
    """
    _require_folder(name)
    try:
        return auto_class.from_pretrained(name, **options)
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        if "connect" in reason.lower() or "offline" in str(error).lower():
            reason = "it is not in the local cache and the Hugging Face Hub cannot be reached"
        raise ModelUnavailable(
            f"Base model {name!r} cannot be loaded: {reason}. Give --base-model the folder of "
            "a model that you have, or run this once with a network connection."
        ) from None


def load_classifier(name: str, labels: list[str], **options: Any) -> Any:
    """A pretrained encoder with a new classifier on top, in float32.

    Without dropout inside the attention, which shuts out the fused kernels: on long texts those
    are several times faster.

    Raises:
        ModelUnavailable: It cannot be loaded.
    """
    config = load_pretrained(AutoConfig, name)
    config.id2label = dict(enumerate(labels))
    config.label2id = {label: number for number, label in enumerate(labels)}
    for setting in ATTENTION_DROPOUT:
        if hasattr(config, setting):
            setattr(config, setting, 0.0)
    return load_pretrained(
        AutoModelForSequenceClassification,
        name,
        config=config,
        dtype=torch.float32,  # a checkpoint's own bfloat16 is too coarse to be trained
        **options,
    )


def _require_folder(name: str) -> None:
    looks_local = name.startswith((".", "/", "~")) or name.count("/") > 1 or "\\" in name
    folder = Path(name).expanduser()
    if looks_local and not any((folder / config).is_file() for config in CONFIGS):
        raise ModelUnavailable(
            f"Base model folder {name} has no {' and no '.join(CONFIGS)}: "
            "give --base-model a folder written by save_pretrained, or a name on the Hub."
        )
