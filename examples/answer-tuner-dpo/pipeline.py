"""Tune a chat model towards the answers that people chose: data in, artifact out."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.numpy import load_file, save_file

from adapters import save_model
from answers import Question, compare_answers
from baseline import before_training, compare_lengths
from config import ALGORITHM, Config
from conversations import show
from core import processes
from core.finetune import Example, finetune
from core.precision import supports_bf16
from core.run import Run
from data import load_dataset
from judge import publish_preference
from language_model import load_tokenizer
from model import AnswerPreference, build_model, dpo_losses
from pairs import collate, encode, measure
from preferences import margins, wins
from schemas import Input, Output

LIMITS = (
    "It leans towards what was chosen in the training pairs, and knows no more than its base model."
    " It can be wrong in a confident tone: do not use its answers unread where that would do harm."
)


class Preference:
    """What `finetune` has to know about this task."""

    metric = "score"

    def __init__(self, config: Config, padding: int) -> None:
        self.config = config
        self.collate = collate(padding)

    def build(self) -> AnswerPreference:
        return build_model(self.config)

    def loss(
        self, outputs: Any, labels: torch.Tensor, num_items_in_batch: Any = None
    ) -> torch.Tensor:
        total = dpo_losses(outputs["logits"], labels, self.config.beta).sum()
        return total / (len(labels) if num_items_in_batch is None else num_items_in_batch)

    def score(self, prediction: Any) -> dict[str, float]:
        chosen, rejected = prediction.predictions.T
        rewards = self.config.beta * (prediction.predictions - prediction.label_ids).mean(axis=0)
        return {
            "score": float(wins(chosen - rejected).mean()),
            "reward_of_chosen": float(rewards[0]),
            "reward_of_rejected": float(rewards[1]),
        }


def train(config: Config, run: Run) -> Path:
    dataset = load_dataset(config)
    tokenizer = load_tokenizer(config.base_model)
    base = build_model(config)  # a model that is not there is said before anything starts
    run.start(dataset.fingerprint, in_parallel=True)

    padding = tokenizer.pad_token_id
    source = config.validation or config.data
    limits = tokenizer, config.max_length, run
    examples, _ = encode(config.data, dataset.train, *limits)
    unseen, pairs = encode(source, dataset.validation, *limits)
    _set_reference(base, examples + unseen, padding, config, run)
    before = margins(measure(base, unseen, padding, run))
    del base

    trained = finetune(Preference(config, padding), examples, unseen, config, run)
    after = margins(measure(trained, unseen, padding, run))
    questions = [Question(pair.prompt, show(pair.chosen), pair.place) for pair in pairs]
    answers = compare_answers(trained, tokenizer, questions)
    save_model(trained, tokenizer, run.folder)
    return publish_preference(
        run,
        ALGORITHM,
        (Input, Output),
        dataset,
        pairs,
        after,
        [before_training(before), compare_lengths(pairs)],
        unit="nats",
        others={"Base model": before},
        sections=[answers],
        limits=LIMITS,
        pipeline_tag="text-generation",
    )


def _set_reference(
    base: AnswerPreference, examples: Sequence[Example], padding: int, config: Config, run: Run
) -> None:
    """What the base model says of all answers: computed once, kept for a run that goes on."""
    path = run.checkpoints / "reference.safetensors"
    if not path.is_file():
        bf16 = supports_bf16() if config.bf16 is None else config.bf16  # as the training computes
        staged = path.with_suffix(f".{processes.rank()}")
        save_file({"likelihoods": measure(base, examples, padding, run, bf16=bf16)}, staged)
        staged.replace(path)
    for example, row in zip(examples, load_file(path)["likelihoods"].tolist(), strict=True):
        example["labels"] = row
