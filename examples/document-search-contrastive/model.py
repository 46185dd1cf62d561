"""The network: a base model, all of it trained."""

from pathlib import Path

from sentence_transformers import SentenceTransformer

from base import load_base, save_base
from config import Config


def build_model(config: Config) -> SentenceTransformer:
    """Raises ModelUnavailable where `config.base_model` cannot be loaded."""
    return load_base(config)


def save_model(model: SentenceTransformer, max_length: int, folder: Path) -> SentenceTransformer:
    """Write the weights, for `SentenceTransformer(folder / "weights")`; return what is served."""
    return save_base(model, max_length, folder)
