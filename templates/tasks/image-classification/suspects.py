"""Pictures whose label is likely wrong: the model is as sure of another one as it usually is of that.

Northcutt, Jiang and Chuang, Confident Learning (2021). The model has learnt from the labels of the
training part, so what it contradicts there all the same is worth a look, and it misses some.
"""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.classification import Floats
from core.report import Mistake, Mistakes
from data import Example
from thumbnails import Thumbnails, name_of

FILE = "suspects.csv"
SHOWN = 15


def find_suspects(labels: list[str], examples: Sequence[Example], found: Floats) -> list[int]:
    """Places of the suspects in `examples`, those first that the model is surest of.

    Args:
        found: Probabilities: a row per example, a column per label.
    """
    given = np.array([labels.index(example.label) for example in examples])
    usual = np.array(
        [found[given == n, n].mean() if (given == n).any() else 1.0 for n in range(len(labels))]
    )
    best = found.argmax(axis=1)
    surest = found.max(axis=1)
    is_suspect = (best != given) & (surest >= usual[best])
    places = np.flatnonzero(is_suspect)
    return [int(place) for place in places[np.argsort(-surest[places], kind="stable")]]


def write_suspects(
    path: Path,
    labels: list[str],
    examples: Sequence[Example],
    found: Floats,
    suspects: Sequence[int],
) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["file", "row", "label", "likely", "confidence"])
        for place in suspects:
            example, row = examples[place], found[place]
            likely, confidence = labels[int(row.argmax())], f"{row.max():.3f}"
            number = "" if example.number is None else example.number
            table.writerow([example.file, number, example.label, likely, confidence])


def show_suspects(
    labels: list[str], examples: Sequence[Example], found: Floats, suspects: Sequence[int]
) -> Mistakes:
    pictures = Thumbnails(examples)
    return Mistakes(
        title="Labels to look at",
        note=(
            f"{len(suspects):,} of {len(examples):,} pictures, the training part included, are"
            " likely something else than their label says: the model is as sure of that as it"
            f" usually is where it is right. {FILE} lists all of them."
        ),
        mistakes=[
            Mistake(
                excerpt=name_of(examples[place]),
                truth=examples[place].label,
                predicted=labels[int(found[place].argmax())],
                sureness=f"{found[place].max() * 100:.0f}\N{NO-BREAK SPACE}% sure",
                place=examples[place].place,
                picture=pictures[place],
            )
            for place in suspects[:SHOWN]
        ],
    )
