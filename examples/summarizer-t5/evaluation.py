"""Scores answers against their targets, one row at a time.

chrF (Popović 2015, by sacrebleu) compares groups of characters, in any language: it decides. ROUGE
(Lin 2004, by rouge-score) compares words, and their longest common sequence.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rouge_score import rouge_scorer, tokenizers
from sacrebleu.metrics.chrf import CHRF

# Chinese and Japanese characters are words of their own.
WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W_\u3040-\u30ff\u3400-\u9fff]+")
NAMES = {
    "chrf": "chrF",
    "rouge_1": "ROUGE-1",
    "rouge_2": "ROUGE-2",
    "rouge_l": "ROUGE-L",
    "exact_match": "Exactly the target",
}

Floats = NDArray[np.float64]


class Words(tokenizers.Tokenizer):  # type: ignore[misc]  # rouge-score has no types
    """As rouge-score splits English without stemming, and in every other script too."""

    def tokenize(self, text: str) -> list[str]:
        return WORD.findall(text.lower())


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A value per row for each of `NAMES`, from 0 to 1."""

    answers: list[str]
    scores: dict[str, Floats]

    @property
    def chrf(self) -> Floats:
        return self.scores["chrf"]

    @property
    def metrics(self) -> dict[str, float]:
        return {name: round(float(values.mean()), 4) for name, values in self.scores.items()}


def evaluate(answers: Sequence[str], targets: Sequence[str]) -> Evaluation:
    rouge = rouge_scorer.RougeScorer(["rouge1", "rouge2", "rougeL"], tokenizer=Words())
    rows = []
    for answer, target in zip(answers, targets, strict=True):
        found = rouge.score(target, answer)
        shares = [found[name].fmeasure for name in ("rouge1", "rouge2", "rougeL")]
        rows.append([score_chrf(answer, target), *shares, float(answer == target)])
    columns = np.array(rows, dtype=np.float64).T
    return Evaluation(list(answers), dict(zip(NAMES, columns, strict=True)))


def score_chrf(answer: str, target: str) -> float:
    score: float = CHRF().sentence_score(answer, [target]).score
    return score / 100
