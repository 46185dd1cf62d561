"""All texts of a corpus, as a model reads them, and the vectors that it makes of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from safetensors.numpy import load_file, save_file
from sentence_transformers import SentenceTransformer
from torch import nn

from base import with_prompt
from core.run import Run
from core.tokens import TokenIds, limit_length, tokenize
from corpus import Corpus
from encoding import encode_all
from evaluation import Vectors


class LengthSettings(Protocol):
    @property
    def max_length(self) -> int: ...
    @property
    def output(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Tokens:
    queries: TokenIds
    passages: TokenIds
    padding: int
    max_length: int

    @classmethod
    def of(
        cls, model: SentenceTransformer, corpus: Corpus, settings: LengthSettings, run: Run
    ) -> "Tokens":
        tokenizer: Any = model.tokenizer
        max_length = limit_length(settings.max_length, tokenizer, run)
        cache = Path(settings.output) / ".cache"
        queries, passages = (
            tokenize(with_prompt(model, name, texts), tokenizer, max_length, cache)
            for name, texts in (("query", corpus.queries), ("document", corpus.passages))
        )
        cut = sum(len(row) >= max_length for row in passages)
        if cut:
            run.warn(
                f"{cut:,} of {len(passages):,} passages are longer than {max_length} tokens and are"
                " not read to their end: cut them into shorter ones, or raise --max-length."
            )
        return cls(queries, passages, tokenizer.pad_token_id, max_length)

    def encode(self, network: nn.Module, queries: Sequence[int]) -> Vectors:
        """Of these queries, and of all passages."""
        asked = [self.queries[number] for number in queries]
        return Vectors(
            encode_all(network, asked, self.padding, "queries"),
            encode_all(network, self.passages, self.padding, "passages"),
        )


def keep_vectors(path: Path, vectors: Vectors) -> None:
    """Write them to the end or not at all."""
    staged = path.with_suffix(".part")
    save_file(vectors._asdict(), staged)
    staged.replace(path)


def kept_vectors(path: Path) -> Vectors:
    return Vectors(**load_file(path))
