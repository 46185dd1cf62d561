"""Pictures whose label is likely wrong, in the training part too: what others of their kind say of them.

Confident learning (Northcutt, Jiang and Chuang, 2021). The network has learnt from the labels, so it
would confirm many a wrong one; a simple judge looks at its features and is asked about each picture
only where it was fitted without it.
"""

import csv
import warnings
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from core.classification import Floats
from core.report import Mistake, Mistakes
from data import Example
from thumbnails import Thumbnails, name_of

FILE = "suspects.csv"
SHOWN = 15
FOLDS = 5
SHRINKAGE = 0.1  # towards features that have nothing to do with each other


def can_judge(given: Sequence[str]) -> bool:
    """Whether there are enough pictures of each label, about, to say what is usual for it."""
    counts = Counter(given)
    return max(counts.values()) >= FOLDS and len(given) >= 2 * len(counts)


def judge_labels(features: Floats, given: Sequence[str], seed: int) -> Floats:
    """Probabilities by what the other pictures say: a row per picture, a column per label."""
    judge = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=SHRINKAGE)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    with warnings.catch_warnings(action="ignore"):  # of labels with fewer pictures than folds
        judged = cross_val_predict(judge, features, given, cv=folds, method="predict_proba")
    return np.asarray(np.nan_to_num(judged), dtype=np.float64)


def find_suspects(labels: list[str], examples: Sequence[Example], judged: Floats) -> list[int]:
    """Places of those that are likely of another label than they have, the surest ones first.

    That is where the judge is as sure of the other label as it is, on average, of pictures that
    have it.
    """
    given = np.array([labels.index(example.label) for example in examples])
    usual = np.array([judged[given == number, number].mean() for number in range(len(labels))])
    best, surest = judged.argmax(axis=1), judged.max(axis=1)
    places = np.flatnonzero((best != given) & (surest >= usual[best]))
    doubt = judged[places, given[places]] - surest[places]
    return [int(place) for place in places[np.argsort(doubt, kind="stable")]]


def write_suspects(
    path: Path,
    labels: list[str],
    examples: Sequence[Example],
    judged: Floats,
    suspects: Sequence[int],
) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["file", "row", "label", "likely", "confidence"])
        for place in suspects:
            example, row = examples[place], judged[place]
            likely, confidence = labels[int(row.argmax())], f"{row.max():.3f}"
            number = "" if example.number is None else example.number
            table.writerow([example.file, number, example.label, likely, confidence])


def show_suspects(
    labels: list[str], examples: Sequence[Example], judged: Floats, suspects: Sequence[int]
) -> Mistakes:
    pictures = Thumbnails(examples)
    return Mistakes(
        title="Labels to look at",
        note=(
            f"{len(suspects):,} of {len(examples):,} pictures, the training part included, look more"
            " like those of another label than like those of their own. Not each is mislabelled."
            f" {FILE} lists them all."
        ),
        mistakes=[
            Mistake(
                excerpt=name_of(examples[place]),
                truth=examples[place].label,
                predicted=labels[int(judged[place].argmax())],
                sureness=f"{judged[place].max() * 100:.0f}\N{NO-BREAK SPACE}% sure",
                place=examples[place].place,
                picture=pictures[place],
            )
            for place in suspects[:SHOWN]
        ],
    )
