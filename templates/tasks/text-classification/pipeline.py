"""Fine-tune an encoder: data in, artifact out."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.metrics import accuracy_score, f1_score
from sklearn.utils.class_weight import compute_class_weight
from transformers import (
    AutoTokenizer,
    DataCollatorWithPadding,
    PreTrainedTokenizerBase,
)

from baseline import NAME, fit_baseline
from config import ALGORITHM, Config
from core.classification import Floats, evaluate
from core.classifier import publish_classifier
from core.export import export_encoder
from core.finetune import Example, Network, finetune
from core.pretrained import load_pretrained
from core.run import Run
from core.tokens import TokenIds, limit_length, tokenize
from data import Dataset, load_dataset
from data import Example as LabelledText
from model import build_model, save_model
from schemas import Input, Output


class TextClassification:
    """What `finetune` has to know about this task."""

    metric = "macro_f1"

    def __init__(
        self, config: Config, tokenizer: PreTrainedTokenizerBase, dataset: Dataset
    ) -> None:
        self.config = config
        self.labels = dataset.labels
        self.collate = DataCollatorWithPadding(tokenizer)
        self.class_weights = _class_weights(dataset) if config.class_weights else None

    def build(self) -> Network:
        return build_model(self.config, self.labels)

    def loss(
        self, outputs: Any, labels: torch.Tensor, num_items_in_batch: Any = None
    ) -> torch.Tensor:
        logits = outputs["logits"].float()
        weights = None if self.class_weights is None else self.class_weights.to(logits.device)
        total = torch.nn.functional.cross_entropy(logits, labels, weights, reduction="sum")
        return total / (len(labels) if num_items_in_batch is None else num_items_in_batch)

    def score(self, prediction: Any) -> dict[str, float]:
        best = prediction.predictions.argmax(axis=1)
        truth = prediction.label_ids
        return {
            "accuracy": float(accuracy_score(truth, best)),
            "macro_f1": float(f1_score(truth, best, average="macro", zero_division=0.0)),
        }


def train(config: Config, run: Run) -> Path:
    dataset = load_dataset(config)
    tokenizer = load_pretrained(AutoTokenizer, config.base_model)
    build_model(config, dataset.labels)  # a model that is not there is said before anything starts
    run.start(dataset.fingerprint, in_parallel=True)

    texts = [example.text for example in dataset.train]
    unseen = [example.text for example in dataset.validation]
    truth = [example.label for example in dataset.validation]
    simple = fit_baseline(texts, [example.label for example in dataset.train])
    baseline = evaluate(dataset.labels, truth, simple.predict_proba(unseen))
    run.event("baseline", name=NAME, accuracy=baseline.accuracy, macro_f1=baseline.macro_f1)

    task = TextClassification(config, tokenizer, dataset)
    max_length = limit_length(config.max_length, tokenizer, run)
    cache = Path(config.output) / ".cache"
    train_examples = _encode(
        dataset.train, dataset.labels, tokenize(texts, tokenizer, max_length, cache)
    )
    validation_examples = _encode(
        dataset.validation, dataset.labels, tokenize(unseen, tokenizer, max_length, cache)
    )
    trained = finetune(task, train_examples, validation_examples, config, run)
    model = save_model(trained, run.folder)
    tokenizer.save_pretrained(run.folder / "weights")
    return publish_classifier(
        run,
        task="text-classification",
        algorithm=ALGORITHM,
        schemas=(Input, Output),
        data=dataset,
        excerpts=unseen,
        places=[example.place for example in dataset.validation],
        model=evaluate(dataset.labels, truth, _probabilities(model, task, validation_examples)),
        baseline=baseline,
        baseline_name=NAME,
        engine=export_encoder(
            model, tokenizer, run.folder, texts, unseen, max_length, debug=config.debug
        ),
    )


def _class_weights(dataset: Dataset) -> torch.Tensor:
    labels = [example.label for example in dataset.train]
    weights = compute_class_weight("balanced", classes=np.array(dataset.labels), y=labels)
    return torch.tensor(weights, dtype=torch.float32)


def _encode(
    examples: Sequence[LabelledText], labels: list[str], token_ids: TokenIds
) -> list[Example]:
    numbers = {label: number for number, label in enumerate(labels)}
    return [
        {"input_ids": ids.tolist(), "labels": numbers[example.label]}
        for ids, example in zip(token_ids, examples, strict=True)
    ]


@torch.no_grad()
def _probabilities(model: Network, task: TextClassification, examples: list[Example]) -> Floats:
    """Float32 probabilities, one text at a time: what every faster engine is held against."""
    model.eval().float()
    rows = []
    for example in examples:
        batch = {name: value.to(model.device) for name, value in task.collate([example]).items()}
        rows.append(model(**batch).logits.softmax(dim=-1)[0].cpu().numpy())
    return np.stack(rows).astype(np.float64)
