"""How texts become token ids, and back: the same in training and in serving."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from transformers import AutoTokenizer

FILE = "encoding.json"


class Encoding:
    """
    Args:
        tokenizer: A fast tokenizer of transformers.
        prefix: Put before every source.
        max_length, max_target_length: Tokens at the most; what lies beyond is cut off.
    """

    def __init__(
        self, tokenizer: Any, prefix: str, max_length: int, max_target_length: int
    ) -> None:
        self.tokenizer = tokenizer
        self.prefix = prefix
        self.max_length = max_length
        self.max_target_length = max_target_length

    def sources(self, texts: Sequence[str]) -> list[list[int]]:
        return self._encode([self.prefix + text for text in texts], self.max_length)

    def is_cut(self, text: str) -> bool:
        """Whether the end of a source is not read."""
        whole = self.tokenizer(self.prefix + text, verbose=False)["input_ids"]
        return len(whole) > self.max_length

    def targets(self, texts: Sequence[str]) -> list[list[int]]:
        return self._encode(texts, self.max_target_length)

    def decode(self, ids: Sequence[int]) -> str:
        text: str = self.tokenizer.decode(
            ids, skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return text.strip()

    def save(self, folder: Path) -> None:
        self.tokenizer.save_pretrained(folder)
        names = ("prefix", "max_length", "max_target_length")
        content = {name: getattr(self, name) for name in names}
        (folder / FILE).write_text(json.dumps(content), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return cls(AutoTokenizer.from_pretrained(folder), **content)

    def _encode(self, texts: Sequence[str], most: int) -> list[list[int]]:
        ids: list[list[int]] = self.tokenizer(
            list(texts), truncation=True, max_length=most, return_attention_mask=False
        )["input_ids"]
        return ids
