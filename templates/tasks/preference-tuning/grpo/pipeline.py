"""Tune a chat model towards answers that a function of yours rewards: data in, artifact out."""

from pathlib import Path
from typing import Any

import torch
from transformers import PreTrainedTokenizerBase

from adapters import save_model
from answers import Question, compare_answers
from baseline import NAME, Evaluation, evaluate
from config import ALGORITHM, Config
from core.comparison import Measure, compare, judge_rows
from core.finetune import finetune
from core.publish import Outcome, publish
from core.report import Verdict
from core.run import Run
from curves import describe
from data import load_dataset
from judging import Judge
from language_model import load_tokenizer
from model import AnswerExplorer, build_model
from prompts import collate, encode
from schemas import Input, Output

LIMITS = (
    "It does what rewards.py rewards, also where that is not what was meant: read some answers. It"
    " knows no more than its base model, and can be wrong in a confident tone."
)


class Exploration:
    """What `finetune` has to know about this task."""

    metric = "score"

    def __init__(
        self, config: Config, tokenizer: PreTrainedTokenizerBase, judge: Judge, run: Run
    ) -> None:
        self.config = config
        self.tokenizer = tokenizer
        self.judge = judge
        self.run = run
        self.collate = collate(tokenizer.pad_token_id)

    def build(self) -> AnswerExplorer:
        return build_model(self.config, self.tokenizer, self.judge)

    def loss(
        self, outputs: Any, labels: torch.Tensor, num_items_in_batch: Any = None
    ) -> torch.Tensor:
        if torch.is_grad_enabled():
            rewards, lengths = (float(outputs[n].float().mean()) for n in ("rewards", "lengths"))
            self.run.event("trial", prompts=len(labels), reward=rewards, answer_tokens=lengths)
        total: torch.Tensor = outputs["losses"].sum()
        return total / (len(labels) if num_items_in_batch is None else num_items_in_batch)

    def score(self, prediction: Any) -> dict[str, float]:
        _, rewards, lengths = prediction.predictions
        return Evaluation(rewards, lengths).metrics


def train(config: Config, run: Run) -> Path:
    dataset = load_dataset(config)
    tokenizer = load_tokenizer(config.base_model)
    source = config.validation or config.data
    judge = Judge(dataset.train + dataset.validation, tokenizer)
    judge.require_all()
    build_model(config, tokenizer, judge)  # one that is not there is said before anything starts
    run.start(dataset.fingerprint, in_parallel=True)

    limits = tokenizer, config.max_length, run
    examples, train_prompts = encode(config.data, dataset.train, *limits)
    unseen, prompts = encode(source, dataset.validation, *limits)
    judge.prompts = train_prompts + prompts
    for row, example in enumerate(examples + unseen):
        example["row"] = row

    trained = finetune(Exploration(config, tokenizer, judge, run), examples, unseen, config, run)
    after = evaluate(trained, unseen, run)
    with trained.disable_adapter():
        before = evaluate(trained, unseen, run)
    questions = [Question(each.conversation, each.reference, each.place) for each in prompts]
    answers = compare_answers(trained, tokenizer, questions)
    save_model(trained, tokenizer, run.folder)
    return publish(
        run,
        Outcome(
            task="preference-tuning",
            algorithm=ALGORITHM,
            takes=Input,
            answers=Output,
            verdict=_judge(after, before),
            metrics=after.metrics,
            baseline={"name": NAME, "metrics": before.metrics},
            data=dataset,
            pipeline_tag="text-generation",
            sections=[answers, *describe(after, before, run.events("trial"))],
            limits=LIMITS,
        ),
    )


def _judge(model: Evaluation, baseline: Evaluation) -> Verdict:
    ours, theirs = model.metrics, baseline.metrics
    figures = [
        compare("Mean reward", ours["score"], theirs["score"]),
        compare("Tokens of an answer", ours["answer_tokens"], theirs["answer_tokens"]),
    ]
    of_prompts = model.rewards.mean(axis=1), baseline.rewards.mean(axis=1)
    return judge_rows(Measure("Mean reward"), *of_prompts, NAME, "validation prompts", figures)
