"""What a batch is, and what is learnt from it: which of its passages answers which query."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from base import freeze_unused
from config import Config
from core import processes
from core.tokens import TokenIds
from corpus import Corpus, Numbers
from encoding import Texts, arrange, encode
from evaluation import LENGTH, Floats, Vectors, evaluate_vectors
from loss import NOBODY, contrastive_loss, find_other_answers, gather
from model import build_model
from texts import Tokens


class Example(NamedTuple):
    pair: Numbers
    others: Sequence[int] = ()  # passages to search beside; in validation only


class Batch(NamedTuple):
    texts: Texts  # queries, then the passages that answer them, then the negatives
    queries: torch.Tensor  # their numbers
    passages: torch.Tensor  # the numbers of the passages and the negatives
    relevant: torch.Tensor  # a row per query: passages that answer it
    others: Texts
    other_passages: torch.Tensor


class Found(NamedTuple):
    """Vectors of a validation batch, by number."""

    queries: dict[int, Floats]
    passages: dict[int, Floats]


class ContrastiveLearning:
    """What `fit` has to know about this task."""

    metric = f"ndcg_at_{LENGTH}"
    higher_is_better = True

    def __init__(self, config: Config, corpus: Corpus, tokens: Tokens) -> None:
        self.config = config
        self.corpus = corpus
        self.queries = tokens.queries
        self.passages = tokens.passages
        self.padding = tokens.padding
        self.has_negatives = False
        self.at_once = config.batch  # texts
        self.recompute = False

    def examples(self, pairs: Sequence[Numbers]) -> list[Example]:
        """The longest first: with them, `fit` finds out what memory it takes."""
        self.has_negatives |= any(pair.negative is not None for pair in pairs)
        return sorted(map(Example, pairs), key=self._length, reverse=True)

    def build(self) -> nn.Module:
        model = build_model(self.config)
        freeze_unused(model)
        return model

    def compute_at_most(self, examples: int) -> None:
        self.recompute = examples < processes.part_of(self.config.batch)
        self.at_once = max(1, examples // 2)  # texts: four chunks of a batch hardly need padding

    def collate(self, examples: list[Example]) -> Batch:
        pairs = [example.pair for example in examples]
        queries = [pair.query for pair in pairs]
        passages = [pair.passage for pair in pairs] + self._negatives(pairs)
        relevant = [self.corpus.relevant[query] for query in queries]
        widest = max(map(len, relevant))
        others = [number for example in examples for number in example.others]
        texts = [self.queries[number] for number in queries]
        return Batch(
            self._arrange(texts + [self.passages[number] for number in passages]),
            torch.tensor(queries),
            torch.tensor(passages),
            torch.tensor([row + [NOBODY] * (widest - len(row)) for row in relevant]),
            self._arrange([self.passages[number] for number in others]),
            torch.tensor(others),
        )

    def loss(self, network: nn.Module, batch: Batch) -> torch.Tensor:
        vectors = encode(network, batch.texts, recompute=self.recompute and network.training)
        queries, passages = vectors.split([len(batch.queries), len(batch.passages)])
        numbers, first = batch.passages, 0
        if network.training and processes.count() > 1:
            passages, numbers, first = gather(passages, numbers)
        own = torch.arange(first, first + len(queries), device=queries.device)
        others = find_other_answers(numbers, batch.relevant, own)
        lengths = [queries.shape[1], *self.config.dimensions]
        losses = [
            contrastive_loss(queries[:, :n], passages[:, :n], own, others, self.config.scale)
            for n in lengths
        ]
        return torch.stack(losses).mean()

    def predict(self, network: nn.Module, batch: Batch) -> Found:
        vectors = encode(network, batch.texts).cpu().numpy()
        queries, passages = np.split(vectors, [len(batch.queries)])
        found = dict(zip(batch.passages.tolist(), passages, strict=True))
        if len(batch.other_passages):
            others = encode(network, batch.others).cpu().numpy()
            found |= zip(batch.other_passages.tolist(), others, strict=True)
        return Found(dict(zip(batch.queries.tolist(), queries, strict=True)), found)

    def score(self, outputs: list[Found]) -> dict[str, float]:
        queries = {number: row for output in outputs for number, row in output.queries.items()}
        passages = {number: row for output in outputs for number, row in output.passages.items()}
        at = {number: place for place, number in enumerate(sorted(passages))}
        found = evaluate_vectors(
            Vectors(
                np.stack(list(queries.values())), np.stack([passages[number] for number in at])
            ),
            [[at[number] for number in self.corpus.relevant[query]] for query in queries],
        )
        return {name: found.metrics[name] for name in (self.metric, f"recall_at_{LENGTH}")}

    def _negatives(self, pairs: Sequence[Numbers]) -> list[int]:
        """One for each pair, if the data has any: drawn where a row has none."""
        if not self.has_negatives:
            return []
        drawn = np.random.randint(0, len(self.passages), len(pairs)).tolist()
        return [
            number if pair.negative is None else pair.negative
            for number, pair in zip(drawn, pairs, strict=True)
        ]

    def _arrange(self, ids: TokenIds) -> Texts:
        return arrange(ids, self.at_once, self.padding)

    def _length(self, example: Example) -> int:
        query, passage, negative = example.pair.query, example.pair.passage, example.pair.negative
        last = 0 if negative is None else len(self.passages[negative])
        return len(self.queries[query]) + len(self.passages[passage]) + last
