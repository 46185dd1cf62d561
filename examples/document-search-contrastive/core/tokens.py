"""Texts as token ids: computed once, kept on disk, as long as they are and no longer."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from core.run import Run

TokenIds = list[NDArray[np.int32]]


def limit_length(wanted: int, tokenizer: Any, run: Run) -> int:
    """Tokens of a text that are read: `wanted`, or what the base model can take."""
    most: int = tokenizer.model_max_length
    if most < wanted:
        run.warn(f"--max-length {wanted}: the base model reads {most} tokens at the most.")
    return min(wanted, most)


def tokenize(texts: list[str], tokenizer: Any, max_length: int, cache: Path) -> TokenIds:
    """Token ids of each text, cut to `max_length` tokens, without padding.

    Args:
        tokenizer: A fast tokenizer of transformers.
        cache: Folder that keeps the result, under a hash of all that it depends on.
    """
    digest = hashlib.sha256(f"{max_length}\0{tokenizer.backend_tokenizer.to_str()}".encode())
    for text in texts:
        digest.update(b"\0" + text.encode())
    path = cache / f"{digest.hexdigest()[:32]}.safetensors"
    if not path.exists():
        ids = tokenizer(texts, truncation=True, max_length=max_length)["input_ids"]
        _save(path, [np.asarray(row, dtype=np.int32) for row in ids])
    stored = load_file(path)
    return np.split(stored["ids"], stored["ends"][:-1])


def _save(path: Path, ids: TokenIds) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    staged = path.with_suffix(".part")
    ends = np.cumsum([len(row) for row in ids])
    save_file({"ids": np.concatenate(ids), "ends": ends}, staged)
    staged.replace(path)
