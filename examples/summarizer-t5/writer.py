"""Writes answers with an encoder-decoder: greedy, or the likeliest of several that it follows."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

import torch
from transformers import AutoModelForSeq2SeqLM

from encoding import Encoding

Network = Any  # transformers does not say what it generates with


@dataclass(frozen=True, slots=True)
class Answer:
    text: str
    finish_reason: Literal["stop", "length"]


class Writer:
    """
    Args:
        network: A PreTrainedModel with an encoder and a decoder.
        num_beams: Answers that are followed at a time, unless a request asks for others.
    """

    def __init__(self, network: Network, encoding: Encoding, num_beams: int) -> None:
        self.network = network
        self.encoding = encoding
        self.num_beams = num_beams

    @torch.inference_mode()
    def write(
        self, sources: Sequence[list[int]], num_beams: int, max_tokens: int | None = None
    ) -> list[Answer]:
        """An answer for each source, all in one batch."""
        batch = {name: part.to(self.network.device) for name, part in self.batch(sources).items()}
        written = self.network.generate(
            **batch,
            num_beams=num_beams,
            max_new_tokens=max_tokens or self.encoding.max_target_length,
            do_sample=False,
        )
        end = self.network.generation_config.eos_token_id
        return [
            Answer(self.encoding.decode(ids), "stop" if end in ids else "length")
            for ids in written[:, 1:].tolist()  # without the token that starts the decoder
        ]

    def batch(self, sources: Sequence[list[int]]) -> dict[str, torch.Tensor]:
        lengths = torch.tensor([len(ids) for ids in sources])
        ids = pad(sources, self.network.generation_config.pad_token_id)
        mask = (torch.arange(ids.shape[1]) < lengths[:, None]).long()
        return {"input_ids": ids, "attention_mask": mask}

    def save(self, folder: Path) -> None:
        """Weights as safetensors, tokenizer, and how answers are written."""
        self.network.generation_config.num_beams = self.num_beams
        self.network.save_pretrained(folder)
        self.encoding.save(folder)

    @classmethod
    def load(cls, folder: Path) -> Self:
        network = AutoModelForSeq2SeqLM.from_pretrained(folder, dtype=torch.float32).eval()
        device = torch.accelerator.current_accelerator(check_available=True) or torch.device("cpu")
        num_beams = network.generation_config.num_beams
        return cls(network.to(device), Encoding.load(folder), num_beams)


def pad(rows: Sequence[list[int]], value: int) -> torch.Tensor:
    """A row each, as long as the longest."""
    width = max(map(len, rows))
    return torch.tensor([row + [value] * (width - len(row)) for row in rows])
