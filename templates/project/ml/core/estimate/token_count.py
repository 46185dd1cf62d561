"""How many tokens texts have: by the base model's own tokenizer where it is at hand, else by a rule of thumb."""

from collections.abc import Sequence
from pathlib import Path

CHARACTERS = 4.0  # of a token of English; of other languages and of code fewer
FRAME = 2  # tokens that a tokenizer puts around a text
SAMPLE = 500  # texts that are really read
TOKENIZER = "tokenizer.json"


def count_tokens(texts: Sequence[str], base_model: str) -> list[float]:
    """About as many as a tokenizer makes of each.

    Args:
        base_model: A folder, or a name on the Hub, of which only what is in the cache is used.
    """
    characters = _characters_per_token(texts[:: max(1, len(texts) // SAMPLE)], base_model)
    return [len(text) / characters + FRAME for text in texts]


def _characters_per_token(texts: Sequence[str], base_model: str) -> float:
    path = _find_tokenizer(base_model)
    if path is None:
        return CHARACTERS
    try:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(path))
    except Exception:  # noqa: BLE001 - not installed, or of another version: it is only a help
        return CHARACTERS
    tokenizer.no_truncation()
    tokenizer.no_padding()
    found = tokenizer.encode_batch(list(texts), add_special_tokens=False)
    tokens = sum(len(encoding.ids) for encoding in found)
    return sum(map(len, texts)) / tokens if tokens else CHARACTERS


def _find_tokenizer(base_model: str) -> Path | None:
    path = Path(base_model, TOKENIZER)
    if path.is_file():
        return path
    try:
        from huggingface_hub import try_to_load_from_cache
        from huggingface_hub.errors import HFValidationError
    except ImportError:
        return None
    try:
        cached = try_to_load_from_cache(base_model, TOKENIZER)
    except HFValidationError:
        return None
    return Path(cached) if isinstance(cached, str) else None
