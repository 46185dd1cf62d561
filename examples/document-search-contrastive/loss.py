"""Tells the passage that answers a query from the other passages of a batch (InfoNCE).

sentence-transformers calls it MultipleNegativesRankingLoss; here, known other answers do not count.
"""

import torch
from sentence_transformers.util import all_gather, all_gather_with_grad
from torch.nn.functional import cross_entropy, normalize, pad

from core import processes

NOBODY = -1  # fills up rows of passages that are of unequal length


def contrastive_loss(
    queries: torch.Tensor,
    passages: torch.Tensor,
    own: torch.Tensor,
    others: torch.Tensor,
    scale: float,
) -> torch.Tensor:
    """
    Args:
        own: Row of the passage that answers each query.
        others: Which passages are no mistake all the same.
        scale: Of the cosines.
    """
    with torch.autocast(queries.device.type, enabled=False):  # bfloat16 is too coarse for them
        cosines = normalize(queries, dim=1) @ normalize(passages, dim=1).T
    return cross_entropy((cosines * scale).masked_fill(others, -torch.inf), own)


def find_other_answers(
    passages: torch.Tensor, relevant: torch.Tensor, own: torch.Tensor
) -> torch.Tensor:
    """For each query, which passages of the batch answer it too, or are its own once more.

    Args:
        passages: Their numbers.
        relevant: The numbers of all passages that answer each query.
    """
    answers = (passages[None, :, None] == relevant[:, None, :]).any(dim=2)
    answers[torch.arange(len(own), device=own.device), own] = False
    return answers


def gather(vectors: torch.Tensor, numbers: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, int]:
    """Vectors and numbers of all processes, and where those of this one begin.

    Gradients find their way back to the process that a vector came from.
    """
    most = processes.largest(len(vectors))
    missing = most - len(vectors)
    everywhere = all_gather(pad(numbers, (0, missing), value=NOBODY))
    is_there = everywhere != NOBODY
    gathered = all_gather_with_grad(pad(vectors, (0, 0, 0, missing)))
    first = int(is_there[: processes.rank() * most].sum())
    return gathered[is_there], everywhere[is_there], first
