"""What `finetune` has to know about learning to write."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from core.finetune import Network
from encoding import IGNORED, Row


class TextGeneration:
    """
    Args:
        build: Makes a new model with its starting weights.
        padding: Any token; it carries no loss, and nothing attends to it.
    """

    metric = "perplexity"
    lower_is_better = True

    def __init__(self, build: Callable[[], Network], padding: int) -> None:
        self.build = build
        self.padding = padding

    def collate(self, examples: list[Row]) -> dict[str, torch.Tensor]:
        longest = max(len(example["input_ids"]) for example in examples)
        fill = {"input_ids": self.padding, "labels": IGNORED, "position_ids": 0}
        batch = {
            name: torch.tensor(
                [e[name] + [fill[name]] * (longest - len(e[name])) for e in examples]
            )
            for name in examples[0]
        }
        if "position_ids" not in batch:  # packed rows are told apart by their positions alone
            lengths = torch.tensor([[len(example["input_ids"])] for example in examples])
            batch["attention_mask"] = (torch.arange(longest) < lengths).long()
        return batch

    def loss(
        self, outputs: Any, labels: torch.Tensor, num_items_in_batch: Any = None
    ) -> torch.Tensor:
        sums, tokens = token_losses(outputs["logits"], labels)
        total = tokens.sum() if num_items_in_batch is None else num_items_in_batch
        return sums.sum() / total

    def reduce(self, logits: Any, labels: torch.Tensor) -> torch.Tensor:
        """Of each row the loss and how many tokens carry it: logits of all rows fill any memory."""
        sums, tokens = token_losses(logits, labels)
        return torch.stack([sums, tokens.float()], dim=1)

    def score(self, prediction: Any) -> dict[str, float]:
        sums, tokens = prediction.predictions.T
        return {"perplexity": float(np.exp(sums.sum() / tokens.sum()))}


def token_losses(logits: torch.Tensor, labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Of each row the sum of its tokens' losses, and how many tokens carry loss."""
    # Learnt vectors may stand before the text; the last token tells of none in the row.
    logits, wanted = logits[:, -labels.shape[1] : -1], labels[:, 1:]
    is_learnt = wanted != IGNORED
    losses = torch.nn.functional.cross_entropy(
        logits[is_learnt].float(), wanted[is_learnt], reduction="none"
    )
    rows = is_learnt.nonzero()[:, 0]
    sums = torch.zeros(len(labels), device=losses.device).index_add(0, rows, losses)
    return sums, is_learnt.sum(dim=1)


@torch.inference_mode()
def row_losses(model: Any, rows: list[Row]) -> NDArray[np.float64]:
    """Of each row the sum of its tokens' losses, one row at a time."""
    model.to(torch.accelerator.current_accelerator() or "cpu").eval()
    sums = []
    for row in rows:
        batch = {name: torch.tensor([values], device=model.device) for name, values in row.items()}
        logits = model(input_ids=batch["input_ids"]).logits
        sums.append(float(token_losses(logits, batch["labels"])[0]))
    return np.array(sums)
