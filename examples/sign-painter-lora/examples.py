"""A picture with its caption, and the part of the data that it falls into."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from core.dataset import VALIDATION_SHARE, count
from core.pictures import open_picture


@dataclass(frozen=True, slots=True)
class Example:
    picture: object  # where it is, as the data says
    folder: Path  # in which it is looked for
    caption: str
    digest: str  # of its pixels
    size: tuple[int, int]
    file: str
    number: int | None  # none where the picture is the file

    @property
    def place(self) -> str:
        return self.file if self.number is None else f"{self.file}, row {self.number}"

    def open(self) -> Image.Image:
        return open_picture(self.picture, self.folder)


# The captions of each picture, by its digest.
Pictures = dict[str, list[Example]]


def by_picture(source: str, examples: Sequence[Example], notes: list[str]) -> Pictures:
    """What repeats another is dropped, and noted."""
    first: dict[tuple[str, str], Example] = {}
    for example in examples:
        first.setdefault((example.digest, example.caption.casefold()), example)
    kept = [*first.values()]
    if len(kept) < len(examples):
        rows = count(len(examples) - len(kept), "row that repeats", "rows that repeat")
        place = next(example.place for example in examples if example not in kept)
        notes.append(f"{source}: dropped {rows} another, first {place}.")
    pictures: Pictures = {}
    for example in kept:
        pictures.setdefault(example.digest, []).append(example)
    return pictures


def split_by_picture(pictures: Pictures, seed: int) -> tuple[list[Example], list[Example]]:
    """Training and validation part; a picture with several captions falls on one side."""
    mixed = random.Random(seed).sample([*pictures.values()], len(pictures))
    kept = len(mixed) - max(1, round(len(mixed) * VALIDATION_SHARE))
    return flatten(mixed[:kept]), flatten(mixed[kept:])


def flatten(groups: Sequence[Sequence[Example]]) -> list[Example]:
    return [example for examples in groups for example in examples]
