"""Loads the pictures and labels to learn from, and refuses data that no model should learn.

python train.py --data pictures                                  # a folder for each label
python train.py --data data/train.csv --columns image=file       # paths, seen from the table
"""

from collections import Counter
from dataclasses import dataclass

from checks import Example, check_pictures
from core.dataset import DataSettings, fingerprint
from core.findings import Findings
from core.labels import find_rare_labels, find_unseen_labels, note_alike_labels, take_samples
from folders import list_pictures
from repeats import Pictures, find_leaks, flatten, group, split
from tables import FIELDS

__all__ = ["FIELDS", "Dataset", "Example", "load_dataset"]


@dataclass(frozen=True, slots=True)
class Dataset:
    train: list[Example]
    validation: list[Example]
    labels: list[str]
    notes: list[str]  # what was guessed, dropped or looks odd
    fingerprint: str  # sha256 of all pictures and labels, before `samples` takes some


def load_dataset(settings: DataSettings, findings: Findings | None = None) -> Dataset:
    """Look at all pictures and split them; the same settings give the same ones in the same order.

    Args:
        findings: Gets what is found on the way, also where it ends in an error.

    Raises:
        DataError: Each problem with file, row, column and what to do.
    """
    found = Findings() if findings is None else findings
    pictures = _load(settings.data, settings, found)
    held_out: Pictures = {}
    if settings.validation:
        held_out = _load(settings.validation, settings, found)
    train, validation = flatten(pictures), flatten(held_out)
    found.summary["labels"] = dict(Counter(e.label for e in train + validation).most_common())
    found.raise_problems()
    labels = sorted({example.label for example in train})
    found.problems += find_rare_labels(settings.data, train)
    found.problems += find_unseen_labels(validation, labels)
    found.problems += find_leaks(pictures, held_out)
    found.raise_problems()
    digest = fingerprint([example.digest, example.label] for example in train + validation)
    if not settings.validation:
        train, validation = split(settings.data, pictures, settings.seed)
        found.notes.append(
            f"{settings.data}: set {len(validation):,} pictures apart to validate, drawn by chance;"
            " where several show the same thing, give others as --validation."
        )
    if settings.samples is not None:
        train, validation = take_samples(train, validation, settings.samples, settings.seed)
    found.summary |= {"train_rows": len(train), "validation_rows": len(validation)}
    return Dataset(train, validation, labels, found.notes, digest)


def _load(source: str, settings: DataSettings, found: Findings) -> Pictures:
    examples = check_pictures(source, list_pictures(source, settings.columns, found), found)
    note_alike_labels(source, examples, found.notes)
    return group(source, examples, found.notes)
