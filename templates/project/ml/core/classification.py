"""Judges a classifier: its metrics, and whether it beats the baseline.

model = evaluate(labels, truth, probabilities)
verdict = judge(model, baseline, "TF-IDF + logistic regression")
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.report import Figure, Mood, Verdict, say

BINS = 10  # of confidence, each as wide
SIGNIFICANT = 0.05
TINY = 1e-15  # keeps the logarithm finite

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LabelScore:
    label: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, slots=True)
class Bin:
    """Predictions of about the same confidence: how sure on average, and how often right."""

    confidence: float
    accuracy: float
    count: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    labels: list[str]
    truth: NDArray[np.intp]
    predicted: NDArray[np.intp]
    confidence: Floats
    confusion: NDArray[np.intp]  # truth in rows, prediction in columns
    scores: list[LabelScore]
    bins: list[Bin]
    accuracy: float
    macro_f1: float
    weighted_f1: float
    log_loss: float
    calibration_error: float

    @property
    def right(self) -> NDArray[np.bool_]:
        return np.equal(self.truth, self.predicted)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Paired accuracy on the same rows; `low` and `high` enclose the difference with 95 %."""

    wins: int  # rows that only the model got right
    losses: int  # rows that only the baseline got right
    difference: float
    low: float
    high: float
    p_value: float


def evaluate(labels: Sequence[str], truth: Sequence[str], probabilities: Floats) -> Evaluation:
    """`probabilities` has a row for each truth and a column for each label, in that order."""
    index = {label: place for place, label in enumerate(labels)}
    true = np.array([index[label] for label in truth], dtype=np.intp)
    predicted = probabilities.argmax(axis=1)
    confusion = np.zeros((len(labels), len(labels)), dtype=np.intp)
    np.add.at(confusion, (true, predicted), 1)
    scores = _score_labels(labels, confusion)
    confidence = probabilities.max(axis=1)
    bins = _bin(confidence, true == predicted)
    occurs = confusion.sum(axis=0) + confusion.sum(axis=1) > 0
    used = [score for score, seen in zip(scores, occurs, strict=True) if seen]
    return Evaluation(
        labels=list(labels),
        truth=true,
        predicted=predicted,
        confidence=confidence,
        confusion=confusion,
        scores=scores,
        bins=bins,
        accuracy=float((true == predicted).mean()),
        macro_f1=float(np.mean([score.f1 for score in used])),
        weighted_f1=float(sum(score.f1 * score.support for score in scores) / len(true)),
        log_loss=float(-np.log(probabilities[np.arange(len(true)), true].clip(TINY)).mean()),
        calibration_error=sum(b.count * abs(b.confidence - b.accuracy) for b in bins) / len(true),
    )


def evaluate_majority(
    labels: Sequence[str], known: Sequence[str], truth: Sequence[str]
) -> Evaluation:
    """The least baseline: whatever the input, the shares of the labels in the training data."""
    counts = Counter(known)
    shares = np.array([counts[label] for label in labels], dtype=np.float64) / len(known)
    return evaluate(labels, truth, np.tile(shares, (len(truth), 1)))


def to_metrics(evaluation: Evaluation) -> dict[str, float]:
    return {
        "accuracy": round(evaluation.accuracy, 4),
        "macro_f1": round(evaluation.macro_f1, 4),
        "weighted_f1": round(evaluation.weighted_f1, 4),
        "log_loss": round(evaluation.log_loss, 4),
        "calibration_error": round(evaluation.calibration_error, 4),
    }


def compare(model: Evaluation, baseline: Evaluation) -> Comparison:
    """McNemar's exact test: do the rows where only one is right favour the model beyond chance?"""
    from scipy.stats import binomtest  # takes a second, which what only evaluates need not wait for

    wins = int((model.right & ~baseline.right).sum())
    losses = int((~model.right & baseline.right).sum())
    split, rows = wins + losses, len(model.truth)
    if not split:
        return Comparison(0, 0, 0.0, 0.0, 0.0, 1.0)
    test = binomtest(wins, split)
    share = test.proportion_ci()  # exact, so that it excludes a half just when p < 0.05
    low, high = ((2 * end - 1) * split / rows for end in (share.low, share.high))
    return Comparison(wins, losses, (wins - losses) / rows, low, high, float(test.pvalue))


def judge(model: Evaluation, baseline: Evaluation, baseline_name: str) -> Verdict:
    found = compare(model, baseline)
    against = f"{percent(model.accuracy)} against {percent(baseline.accuracy)} accuracy"
    rows = f"{len(model.truth):,} validation rows"
    chance = "p < 0.001" if found.p_value < 0.001 else f"p = {found.p_value:.2g}"
    mood: Mood = "good" if found.difference > 0 else "bad"
    if found.p_value >= SIGNIFICANT:
        mood = "unclear"
    return Verdict(
        mood=mood,
        sentence=say(mood, against, rows),
        detail=(
            f"The baseline is {baseline_name}. Only the model is right on {found.wins:,} rows, only"
            f" the baseline on {found.losses:,} (McNemar's exact test, {chance})."
        ),
        figures=_figures(model, baseline),
        difference=(found.low, found.difference, found.high),
    )


def percent(share: float) -> str:
    return f"{share * 100:.1f}\N{NO-BREAK SPACE}%"


def _score_labels(labels: Sequence[str], confusion: NDArray[np.intp]) -> list[LabelScore]:
    hits, support, guesses = confusion.diagonal(), confusion.sum(axis=1), confusion.sum(axis=0)
    precision = hits / np.maximum(guesses, 1)
    recall = hits / np.maximum(support, 1)
    f1 = 2 * hits / np.maximum(support + guesses, 1)
    columns = (precision.tolist(), recall.tolist(), f1.tolist(), support.tolist())
    return [LabelScore(*values) for values in zip(labels, *columns, strict=True)]


def _bin(confidence: Floats, right: NDArray[np.bool_]) -> list[Bin]:
    number = np.minimum((confidence * BINS).astype(int), BINS - 1)
    return [
        Bin(float(confidence[inside].mean()), float(right[inside].mean()), int(inside.sum()))
        for inside in (number == place for place in range(BINS))
        if inside.any()
    ]


def _figures(model: Evaluation, baseline: Evaluation) -> list[Figure]:
    return [
        _share("Accuracy", model.accuracy, baseline.accuracy),
        _share("Macro F1", model.macro_f1, baseline.macro_f1),
        _loss("Log loss", model.log_loss, baseline.log_loss),
        _loss("Calibration error", model.calibration_error, baseline.calibration_error),
    ]


def _share(name: str, ours: float, theirs: float) -> Figure:
    return Figure(name, percent(ours), percent(theirs), better=ours > theirs)


def _loss(name: str, ours: float, theirs: float) -> Figure:
    return Figure(name, f"{ours:.2f}", f"{theirs:.2f}", better=ours < theirs)
