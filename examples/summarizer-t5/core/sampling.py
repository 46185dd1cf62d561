"""Chooses the next token from what a network says of all of them."""

import torch

from core.generation import Sampling


class Sampler:
    """Choices of one answer; with a seed they are the same each time."""

    def __init__(self, sampling: Sampling) -> None:
        self.sampling = sampling
        self.random = torch.Generator()
        if sampling.seed is None:
            self.random.seed()
        else:
            self.random.manual_seed(sampling.seed)

    def choose(self, logits: torch.Tensor) -> int:
        """
        Args:
            logits: One for each token of the vocabulary.
        """
        how = self.sampling
        if how.temperature == 0:
            return int(logits.argmax())
        values, tokens = (logits.float().cpu() / how.temperature).sort(descending=True)
        if how.top_k:
            values = values[: how.top_k]
        shares = values.softmax(dim=-1)
        if how.top_p < 1:
            before = shares.cumsum(dim=-1) - shares  # the most probable one always stays
            shares = shares[before < how.top_p]
        place = torch.multinomial(shares, 1, generator=self.random)
        return int(tokens[place])
