"""NeuMF: a product of vectors and a small network judge together whether an item fits a user.

He et al., Neural Collaborative Filtering (2017), where a user is the sum of what they took (as in
Xue et al., Deep Item-based Collaborative Filtering, 2019): a new user is no special case.
"""

from typing import NamedTuple

import torch
from torch import nn

START = 0.05  # spread of the vectors at the start


class Batch(NamedTuple):
    """Users, each as what they took, and the items to judge for them."""

    taken: torch.Tensor  # items of all users, one user after the other
    weights: torch.Tensor  # of each of these
    owners: torch.Tensor  # the row in `items` of each of these
    items: torch.Tensor  # a row per user


class NeuMF(nn.Module):
    def __init__(self, items: int, factors: int, layers: list[int], dropout: float) -> None:
        super().__init__()
        self.taken = nn.Embedding(items, 2 * factors)  # both halves side by side
        self.items = nn.Embedding(items, 2 * factors)
        self.hidden = nn.ModuleList(map(nn.Linear, [2 * factors, *layers], layers))
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(factors + layers[-1], 1)
        for embedding in (self.taken, self.items):
            nn.init.normal_(embedding.weight, std=START)

    def forward(self, batch: Batch) -> torch.Tensor:
        """A logit per row and column of `batch.items`."""
        product, network = self._users(batch).unsqueeze(1).chunk(2, dim=2)
        item_product, item_network = self.items(batch.items).chunk(2, dim=2)
        hidden = torch.cat([network.expand_as(item_network), item_network], dim=2)
        for layer in self.hidden:
            hidden = self.dropout(layer(hidden).relu())
        logits: torch.Tensor = self.output(torch.cat([product * item_product, hidden], dim=2))
        return logits.squeeze(2)

    def _users(self, batch: Batch) -> torch.Tensor:
        """The vectors of what each user took, added up by weight, over the root of their sum."""
        taken = self.taken(batch.taken) * batch.weights.unsqueeze(1)
        rows = len(batch.items)
        total = taken.new_zeros(rows, taken.shape[1]).index_add(0, batch.owners, taken)
        sums = batch.weights.new_zeros(rows).index_add(0, batch.owners, batch.weights)
        users: torch.Tensor = total / sums.clamp(min=1.0).sqrt().unsqueeze(1)
        return users
