"""Pictures that are there twice: pixel by pixel, under whatever name and in whatever format."""

from collections.abc import Sequence

from checks import Example
from core.dataset import count
from core.errors import DataError, DataProblem, quote
from core.labels import split_by_label

NAMED = 5  # pictures with several labels that are named

# The examples of each picture, by its digest.
Pictures = dict[str, list[Example]]


def group(source: str, examples: Sequence[Example], notes: list[str]) -> Pictures:
    """Each picture once for each label that it has; what is left out is noted."""
    pictures: Pictures = {}
    repeated: list[tuple[Example, Example]] = []
    for example in examples:
        same = pictures.setdefault(example.digest, [])
        first = next((other for other in same if other.label == example.label), None)
        if first is None:
            same.append(example)
        else:
            repeated.append((example, first))
    if repeated:
        again, first = repeated[0]
        number = count(len(repeated), "picture that repeats", "pictures that repeat")
        notes.append(f"{source}: dropped {number} another, first {again.place} ({first.place}).")
    _note_several_labels(source, pictures, notes)
    return pictures


def find_leaks(train: Pictures, validation: Pictures) -> list[DataProblem]:
    """Pictures of the validation data that the model would know already."""
    return [
        DataProblem(
            examples[0].file,
            f"the picture is in the training data too, {train[digest][0].place};"
            " delete one of them.",
            examples[0].number,
        )
        for digest, examples in validation.items()
        if digest in train
    ]


def split(source: str, pictures: Pictures, seed: int) -> tuple[list[Example], list[Example]]:
    """Training and validation part.

    A picture with several labels would leak if it fell on both sides: it stays in training.

    Raises:
        DataError: There are too few.
    """
    several = [e for examples in pictures.values() if len(examples) > 1 for e in examples]
    single = [examples[0] for examples in pictures.values() if len(examples) == 1]
    if len(single) < 2:
        message = f"{count(len(pictures), 'picture is', 'pictures are')} too few; add some."
        raise DataError(DataProblem(source, message))
    train, validation = split_by_label(single, seed)
    return several + train, validation


def flatten(pictures: Pictures) -> list[Example]:
    return [example for examples in pictures.values() for example in examples]


def _note_several_labels(source: str, pictures: Pictures, notes: list[str]) -> None:
    several = [examples for examples in pictures.values() if len(examples) > 1]
    if several:
        shown = "; ".join(
            " and ".join(f"{e.place} ({quote(e.label)})" for e in examples)
            for examples in several[:NAMED]
        )
        notes.append(
            f"{source}: {count(len(several), 'picture has', 'pictures have')} more than one label:"
            f" {shown}{'; …' if len(several) > NAMED else ''}. Kept, but at most one of them can be"
            " right: delete the others."
        )
