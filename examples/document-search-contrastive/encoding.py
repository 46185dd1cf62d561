"""Texts of a batch as vectors: computed in chunks of like length, in as little memory as it takes."""

from typing import NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn.functional import normalize
from torch.utils.checkpoint import checkpoint
from tqdm import tqdm

from core import processes
from core.tokens import TokenIds
from evaluation import Floats

CHUNK = 32  # texts, where nothing has to be kept for a backward pass


class Chunk(NamedTuple):
    ids: torch.Tensor
    mask: torch.Tensor


class Texts(NamedTuple):
    """Sorted by length, so that hardly any padding is computed."""

    chunks: list[Chunk]
    places: torch.Tensor  # of each text, in the order that was given, among those of the chunks


def arrange(ids: TokenIds, at_once: int, padding: int) -> Texts:
    order = sorted(range(len(ids)), key=lambda number: -len(ids[number]))
    pieces = [order[start : start + at_once] for start in range(0, len(order), at_once)]
    return Texts(
        [_pad([ids[number] for number in piece], padding) for piece in pieces],
        torch.tensor(order).argsort(),
    )


def _pad(ids: TokenIds, padding: int) -> Chunk:
    shape = len(ids), max(map(len, ids))
    rows = np.full(shape, padding, np.int64)
    mask = np.zeros(shape, np.int64)
    for number, row in enumerate(ids):
        rows[number, : len(row)] = row
        mask[number, : len(row)] = 1
    return Chunk(torch.from_numpy(rows), torch.from_numpy(mask))


def encode(network: nn.Module, texts: Texts, *, recompute: bool = False) -> torch.Tensor:
    """Vectors of length 1, a row per text.

    Args:
        recompute: Keep nothing of a chunk but its vectors; the backward pass computes it again.
    """
    vectors = [
        checkpoint(embed, network, *chunk, use_reentrant=False)
        if recompute
        else embed(network, *chunk)
        for chunk in texts.chunks
    ]
    return torch.cat(vectors)[texts.places]


def embed(network: nn.Module, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    found = network({"input_ids": ids, "attention_mask": mask})
    return normalize(found["sentence_embedding"].float(), dim=1)


@torch.no_grad()
def encode_all(network: nn.Module, ids: TokenIds, padding: int, title: str) -> Floats:
    """Float32 vectors of any number of texts, on the fastest device there is."""
    device = torch.accelerator.current_accelerator() or torch.device("cpu")
    network.to(device).eval()
    texts = arrange(ids, CHUNK, padding)
    rows = [
        embed(network, chunk.ids.to(device), chunk.mask.to(device)).cpu()
        for chunk in tqdm(texts.chunks, title, unit="chunk", disable=not processes.is_first())
    ]
    network.to("cpu")
    vectors: Floats = torch.cat(rows)[texts.places].numpy()
    return vectors
