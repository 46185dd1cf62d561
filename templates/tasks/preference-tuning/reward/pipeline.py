"""Train a model that says how good an answer is: data in, artifact out."""

from pathlib import Path
from typing import Any

import torch

from adapters import save_model
from baseline import compare_lengths
from config import ALGORITHM, Config
from core.finetune import finetune
from core.run import Run
from data import load_dataset
from judge import publish_preference
from language_model import load_tokenizer
from model import AnswerScorer, build_model, ranking_losses
from pairs import collate, encode, measure
from preferences import margins, wins
from schemas import Input, Output

LIMITS = (
    "A score says which of two answers to the same prompt is preferred; across prompts it says little."
    " Whoever optimizes for it finds answers that it likes too much: read a sample of them."
)


class Ranking:
    """What `finetune` has to know about this task."""

    metric = "score"

    def __init__(self, config: Config, padding: int) -> None:
        self.config = config
        self.padding = padding
        self.collate = collate(padding)

    def build(self) -> AnswerScorer:
        return build_model(self.config, self.padding)

    def loss(
        self, outputs: Any, labels: torch.Tensor, num_items_in_batch: Any = None
    ) -> torch.Tensor:
        total = ranking_losses(outputs["logits"]).sum()
        return total / (len(labels) if num_items_in_batch is None else num_items_in_batch)

    def score(self, prediction: Any) -> dict[str, float]:
        ahead = margins(prediction.predictions)
        return {"score": float(wins(ahead).mean()), "reward_margin": float(ahead.mean())}


def train(config: Config, run: Run) -> Path:
    dataset = load_dataset(config)
    tokenizer = load_tokenizer(config.base_model)
    padding = tokenizer.pad_token_id
    build_model(config, padding)  # a model that is not there is said before anything starts
    run.start(dataset.fingerprint, in_parallel=True)

    source = config.validation or config.data
    limits = tokenizer, config.max_length, run
    examples, _ = encode(config.data, dataset.train, *limits)
    unseen, pairs = encode(source, dataset.validation, *limits)
    trained = finetune(Ranking(config, padding), examples, unseen, config, run)
    ahead = margins(measure(trained, unseen, padding, run))
    save_model(trained, tokenizer, run.folder)
    return publish_preference(
        run,
        ALGORITHM,
        (Input, Output),
        dataset,
        pairs,
        ahead,
        [compare_lengths(pairs)],
        unit="points",
        others={},
        limits=LIMITS,
        pipeline_tag="text-classification",  # as the Hub files those that score
    )
