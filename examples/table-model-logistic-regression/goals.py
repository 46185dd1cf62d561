"""What a model is to tell, a class or a number: how that is learnt, measured, judged and shown."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from pydantic import BaseModel

from core import classification, classification_report, regression, regression_report
from core.classification import Evaluation
from core.classifier import LIMITS
from core.regression import Estimation
from core.report import Section, Verdict
from examples import Example
from schemas import Estimate, Label
from table import Floats

ESTIMATE_LIMITS = (
    "It knows the range of its training data only: outside of it an estimate is a guess, and says so"
    " in its notes. Its interval is as wide for every row."
)


class Goal(Protocol):
    """An evaluation is the goal's own: nobody else looks into it."""

    labels: list[str]  # none where a number is to be told
    pipeline_tag: str  # what the Hub calls it
    answers: type[BaseModel]
    least: str  # the least baseline
    loss: str
    limits: str

    def encode(self, examples: Sequence[Example]) -> Floats: ...
    def evaluate(self, scores: Floats, unseen: Sequence[Example]) -> Any: ...
    def evaluate_least(self, known: Sequence[Example], unseen: Sequence[Example]) -> Any: ...
    def loss_of(self, model: Any) -> float: ...
    def to_metrics(self, model: Any) -> dict[str, float]: ...
    def judge(self, model: Any, baseline: Any, baseline_name: str) -> Verdict: ...
    def describe(self, model: Any, baseline: Any, unseen: Sequence[Example]) -> list[Section]: ...


class Classes:
    answers: type[BaseModel] = Label
    pipeline_tag = "tabular-classification"
    least = "the shares of the labels"
    loss = "log loss"
    limits = LIMITS

    def __init__(self, labels: list[str]) -> None:
        self.labels = labels

    def encode(self, examples: Sequence[Example]) -> Floats:
        """The numbers of the classes."""
        numbers = {label: number for number, label in enumerate(self.labels)}
        return np.array([numbers[example.label] for example in examples], dtype=np.float64)

    def evaluate(self, scores: Floats, unseen: Sequence[Example]) -> Evaluation:
        return classification.evaluate(self.labels, [e.label for e in unseen], scores)

    def evaluate_least(self, known: Sequence[Example], unseen: Sequence[Example]) -> Evaluation:
        return classification.evaluate_majority(
            self.labels, [e.label for e in known], [e.label for e in unseen]
        )

    def loss_of(self, model: Evaluation) -> float:
        return model.log_loss

    def to_metrics(self, model: Evaluation) -> dict[str, float]:
        return classification.to_metrics(model)

    def judge(self, model: Evaluation, baseline: Evaluation, baseline_name: str) -> Verdict:
        return classification.judge(model, baseline, baseline_name)

    def describe(
        self, model: Evaluation, baseline: Evaluation, unseen: Sequence[Example]
    ) -> list[Section]:
        excerpts, places = [e.excerpt for e in unseen], [e.place for e in unseen]
        return classification_report.describe(model, baseline, excerpts, places)


class Number:
    labels: list[str] = []  # noqa: RUF012
    pipeline_tag = "tabular-regression"
    answers: type[BaseModel] = Estimate
    least = "the median of the training data"
    loss = "mean absolute error"
    limits = ESTIMATE_LIMITS

    def __init__(self, known: Sequence[Example]) -> None:
        values = _values(known)
        self.mean = float(values.mean())
        self.spread = float(values.std()) or 1.0

    def encode(self, examples: Sequence[Example]) -> Floats:
        """Scaled, so that nothing is lost in single precision."""
        return (_values(examples) - self.mean) / self.spread

    def evaluate(self, scores: Floats, unseen: Sequence[Example]) -> Estimation:
        return regression.evaluate(_values(unseen), scores * self.spread + self.mean)

    def evaluate_least(self, known: Sequence[Example], unseen: Sequence[Example]) -> Estimation:
        return regression.evaluate_median(_values(known), _values(unseen))

    def loss_of(self, model: Estimation) -> float:
        return model.mae

    def to_metrics(self, model: Estimation) -> dict[str, float]:
        return regression.to_metrics(model)

    def judge(self, model: Estimation, baseline: Estimation, baseline_name: str) -> Verdict:
        return regression.judge(model, baseline, baseline_name)

    def describe(
        self, model: Estimation, baseline: Estimation, unseen: Sequence[Example]
    ) -> list[Section]:
        excerpts, places = [e.excerpt for e in unseen], [e.place for e in unseen]
        return regression_report.describe(model, baseline, excerpts, places)


def _values(examples: Sequence[Example]) -> Floats:
    return np.array([example.target for example in examples], dtype=np.float64)
