"""Checks the labels of a classification, and splits its examples so that each label has its share."""

import difflib
import random
from collections import Counter
from collections.abc import Sequence
from typing import Protocol, TypeVar

from core.dataset import VALIDATION_SHARE
from core.errors import DataProblem, UserError, quote
from core.values import explain_name

LABEL_NAMES = ("category", "class", "target", "topic", "intent", "sentiment")
LABEL_KINDS = ("a text", "a whole number", "true or false")


class Labelled(Protocol):
    @property
    def label(self) -> str: ...
    @property
    def file(self) -> str: ...
    @property
    def number(self) -> int | None: ...
    @property
    def place(self) -> str: ...


Example = TypeVar("Example", bound=Labelled)


def explain_label(value: object, usual: str) -> str:
    """Why `value` is no label among labels of the `usual` kind; empty where it is one."""
    return explain_name(value, "a label", LABEL_KINDS, usual)


def note_alike_labels(source: str, examples: Sequence[Labelled], notes: list[str]) -> None:
    labels = sorted({example.label for example in examples})
    by_case = Counter(label.casefold() for label in labels)
    if alike := [label for label in labels if by_case[label.casefold()] > 1]:
        notes.append(f"{source}: the labels {quote(*alike)} differ in case only.")


def find_rare_labels(source: str, examples: Sequence[Labelled]) -> list[DataProblem]:
    counts = Counter(example.label for example in examples)
    if len(counts) == 1:
        message = f"every row has the label {quote(*counts)}; two are the least."
        return [DataProblem(source, message)]
    advice = "occurs only here; add rows or delete this one."
    return [
        DataProblem(e.file, f"the label {quote(e.label)} {advice}", e.number)
        for e in examples
        if counts[e.label] == 1
    ]


def find_unseen_labels(validation: Sequence[Labelled], labels: Sequence[str]) -> list[DataProblem]:
    """Labels of the validation data that a model trained on `labels` could never answer."""
    known = set(labels)
    counts = Counter(e.label for e in validation if e.label not in known)
    firsts = {e.label: e for e in reversed(validation)}
    problems = []
    for label, count in counts.items():
        near = difflib.get_close_matches(label, labels, n=1)
        hint = f"; did you mean {quote(*near)}?" if near else "; add rows of it there."
        message = f"the label {quote(label)} is not in the training data{hint}"
        first = firsts[label]
        place = f"{count:,} times, first in {first.place}" if count > 1 else ""
        problems.append(DataProblem(first.file, message, first.number, place=place))
    return problems


def split_by_label(examples: Sequence[Example], seed: int) -> tuple[list[Example], list[Example]]:
    """Training and validation part; each label has its share in both, as far as it goes round."""
    mixed = mix_labels(examples, seed)
    kept = len(mixed) - max(1, round(len(mixed) * VALIDATION_SHARE))
    return mixed[:kept], mixed[kept:]


def mix_labels(examples: Sequence[Example], seed: int) -> list[Example]:
    """A random order in which every beginning has the labels in proportion, none left out."""
    totals = Counter(example.label for example in examples)
    seen: Counter[str] = Counter()
    ranked = []
    for example in random.Random(seed).sample(examples, len(examples)):
        ranked.append((seen[example.label] / totals[example.label], example))
        seen[example.label] += 1
    return [example for _, example in sorted(ranked, key=lambda pair: pair[0])]


def take_samples(
    train: Sequence[Example], validation: Sequence[Example], samples: int, seed: int
) -> tuple[list[Example], list[Example]]:
    """At the most so many of each, with every label among them.

    Raises:
        UserError: There are more labels than that.
    """
    labels = len({example.label for example in train})
    if samples < labels:
        raise UserError(f"--samples {samples}: {labels} labels need that many.")
    return mix_labels(train, seed)[:samples], mix_labels(validation, seed)[:samples]
