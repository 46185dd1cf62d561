"""What a server has to know of a training, in `generation.json` of the artifact."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from core.records import write_json

FILE = "generation.json"


@dataclass(frozen=True)
class Facts:
    base_model: str
    revision: str | None  # commit of the base model on the Hub
    dtype: str  # that the base model was loaded in
    mark: str  # of the base model's weights: an adapter fits no others
    max_length: int  # tokens of question and answer together
    ends: list[int]  # tokens that end an answer
    is_chat: bool  # whether it learnt answers; else texts to go on with

    def save(self, folder: Path) -> None:
        write_json(folder / FILE, asdict(self))

    @classmethod
    def load(cls, artifact: Path) -> Self:
        return cls(**json.loads((artifact / FILE).read_text(encoding="utf-8")))


def mark(model: Any) -> str:
    """Tells models apart by the vectors of their first tokens."""
    vectors = model.get_input_embeddings().weight[:256].detach().float().cpu()
    return hashlib.sha256(vectors.numpy().tobytes()).hexdigest()[:16]


def describe_base(name: str, model: Any, tokenizer: Any, is_chat: bool, last: int) -> Facts:
    """
    Args:
        last: The token that answers in the training data end with.
    """
    known = model.generation_config.eos_token_id
    ends = known if isinstance(known, list) else [known]
    lengths = (tokenizer.model_max_length, getattr(model.config, "max_position_embeddings", None))
    return Facts(
        base_model=name,
        revision=getattr(model.config, "_commit_hash", None),
        dtype=str(model.dtype).removeprefix("torch."),
        mark=mark(model),
        max_length=int(min(length for length in lengths if length)),
        ends=sorted({last, tokenizer.eos_token_id, *ends} - {None}),
        is_chat=is_chat,
    )
