"""Loads pictures and captions to learn from, and refuses data that no model should learn.

python train.py --data data/train.csv --columns image=file --columns caption=text
python train.py --data photos    # a folder with 17.jpg and 17.txt, or with a table
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from PIL import Image

from core.columns import Field, choose_columns, most_text
from core.dataset import VALIDATION_SHARE, DataSettings, count, fingerprint, load_rows
from core.errors import DataError, DataProblem
from core.findings import Findings
from core.pictures import ENDINGS, PictureError, open_picture, pixel_digest
from core.sources import Row
from core.values import explain_text
from folder import WHOLE_FILE, is_picture_folder, read_folder

IMAGE_NAMES = ("picture", "file_name", "filename", "image_path", "path", "file", "img", "photo")
CAPTION_NAMES = ("text", "prompt", "description", "title")
COLUMNS = (Field("image", IMAGE_NAMES), Field("caption", CAPTION_NAMES, most_text))
FIELDS = tuple(field.name for field in COLUMNS)
LEAST = 5  # pictures; fewer leave too little to learn from and to validate on
LONGEST_CAPTION = 2000  # characters
WORDS_READ = 75  # at the most: the text encoder of Stable Diffusion reads 77 tokens, two are ends
MOST_ENLARGED = 2  # times; what is smaller becomes a blur, and the model learns to blur
LONG = 1.5  # times as wide as high, or as high as wide: more than a third is cut off


class Settings(DataSettings, Protocol):
    @property
    def resolution(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Example:
    picture: object  # where it is, as the data says
    folder: Path  # in which it is looked for
    caption: str
    digest: str  # of its pixels
    size: tuple[int, int]
    file: str
    number: int | None

    @property
    def place(self) -> str:
        return self.file if self.number is None else f"{self.file}, row {self.number}"

    def open(self) -> Image.Image:
        return open_picture(self.picture, self.folder)


@dataclass(frozen=True, slots=True)
class Dataset:
    train: list[Example]
    validation: list[Example]
    notes: list[str]  # what was guessed, dropped or looks odd
    fingerprint: str  # sha256 of all pictures and captions, before `samples` takes some


# The captions of each picture, by its digest.
Pictures = dict[str, list[Example]]


def load_dataset(settings: Settings, findings: Findings | None = None) -> Dataset:
    """Read, check and split the data; the same settings give the same rows in the same order.

    Args:
        findings: Gets what is found on the way, also where it ends in an error.

    Raises:
        DataError: Each problem with file, row, column and what to do.
    """
    found = Findings() if findings is None else findings
    pictures = _load_pictures(settings.data, settings, found)
    held_out: Pictures = {}
    if settings.validation:
        held_out = _load_pictures(settings.validation, settings, found)
    _summarize({**pictures, **held_out}, found)
    found.raise_problems()
    if len(pictures) < LEAST:
        has = count(len(pictures), "picture", "pictures")
        raise DataError(DataProblem(settings.data, f"has {has}; {LEAST} are the least."))
    found.problems += _find_leaks(pictures, held_out)
    found.raise_problems()
    train, validation = _flatten(pictures), _flatten(held_out)
    digest = fingerprint([e.digest, e.caption] for e in train + validation)
    if not settings.validation:
        train, validation = _split(pictures, settings.seed)
        rows = count(len(validation), "row", "rows")
        found.notes.append(f"{settings.data}: set {rows} apart to validate.")
    if settings.samples is not None:
        train, validation = train[: settings.samples], validation[: settings.samples]
    found.summary |= {"train_rows": len(train), "validation_rows": len(validation)}
    return Dataset(train, validation, found.notes, digest)


def _load_pictures(source: str, settings: Settings, found: Findings) -> Pictures:
    if is_picture_folder(source):
        rows = read_folder(source, found)
    else:
        rows = load_rows(source, found, referred=ENDINGS)
    chosen = choose_columns(source, rows, settings.columns, COLUMNS, found)
    pictures: Pictures = {}
    for example in _check_rows(rows, chosen, settings.resolution, found.problems):
        pictures.setdefault(example.digest, []).append(example)
    _drop_duplicates(source, pictures, found.notes)
    _note_sizes(source, _flatten(pictures), settings.resolution, found.notes)
    _note_captions(source, _flatten(pictures), found.notes)
    return pictures


def _check_rows(
    rows: Sequence[Row],
    columns: Mapping[str, str],
    resolution: int,
    problems: list[DataProblem],
) -> list[Example]:
    examples = []
    told = {problem.file for problem in problems}  # a folder's captions are checked already
    for row in rows:
        number = None if row.number == WHOLE_FILE else row.number
        image, caption = (row.values.get(columns[field]) for field in FIELDS)
        wrong = {} if number is None else {columns["caption"]: explain_caption(caption)}
        folder = Path(row.file).parent
        try:
            picture = open_picture(image, folder)
            wrong[columns["image"]] = explain_size(picture.size, resolution)
        except PictureError as error:
            wrong[columns["image"]] = str(error)
        for column, message in wrong.items():
            if message:
                place = None if number is None else column
                problems.append(DataProblem(row.file, message, number, place))
        if not any(wrong.values()) and row.file not in told:
            digest = pixel_digest(picture)
            text = " ".join(str(caption).split())
            examples.append(Example(image, folder, text, digest, picture.size, row.file, number))
    return examples


def explain_caption(value: object) -> str:
    """Why `value` is no caption; empty where it is one."""
    if problem := explain_text(value):
        return problem
    if len(str(value)) > LONGEST_CAPTION:
        has = f"has {len(str(value)):,} characters"
        return f"{has}; say what is seen in {WORDS_READ} words, the rest is not read."
    return ""


def explain_size(size: tuple[int, int], resolution: int) -> str:
    """Why a picture is too small to learn from; empty where it is not."""
    if min(size) * MOST_ENLARGED >= resolution:
        return ""
    least = -(-resolution // MOST_ENLARGED)
    return (
        f"is {size[0]} x {size[1]} pixels; --resolution {resolution} needs {least} on each side"
        " at the least."
    )


def _drop_duplicates(source: str, pictures: Pictures, notes: list[str]) -> None:
    repeated: list[Example] = []
    for digest, examples in pictures.items():
        by_caption: dict[str, Example] = {}
        for example in examples:
            if by_caption.setdefault(example.caption.casefold(), example) is not example:
                repeated.append(example)
        pictures[digest] = list(by_caption.values())
    if repeated:
        rows = count(len(repeated), "row that repeats", "rows that repeat")
        notes.append(f"{source}: dropped {rows} another, first {repeated[0].place}.")


def _note_sizes(
    source: str, examples: Sequence[Example], resolution: int, notes: list[str]
) -> None:
    small = [e for e in examples if min(e.size) < resolution]
    if small:
        some = count(len(small), "picture is", "pictures are")
        notes.append(
            f"{source}: {some} smaller than {resolution} pixels and will be enlarged, which blurs,"
            f" first {small[0].place}."
        )
    long = [e for e in examples if max(e.size) > LONG * min(e.size)]
    if long:
        some = count(len(long), "picture loses", "pictures lose")
        notes.append(
            f"{source}: {some} more than a third by being cut to a square, first {long[0].place}."
        )


def _note_captions(source: str, examples: Sequence[Example], notes: list[str]) -> None:
    long = [e for e in examples if len(e.caption.split()) > WORDS_READ]
    if long:
        some = count(len(long), "caption has", "captions have")
        notes.append(
            f"{source}: {some} more than {WORDS_READ} words; the rest is not read,"
            f" first {long[0].place}."
        )
    if len(examples) > 1 and len({e.caption.casefold() for e in examples}) == 1:
        notes.append(
            f"{source}: every picture has the same caption, so that it learns these words as one"
            " thing; captions that say what differs let you ask for it."
        )


def _summarize(pictures: Pictures, found: Findings) -> None:
    examples = _flatten(pictures)
    sides = [side for example in examples for side in example.size] or [0]
    found.summary |= {
        "pictures": len(pictures),
        "captions": len({example.caption.casefold() for example in examples}),
        "smallest_side": min(sides),
        "largest_side": max(sides),
    }


def _find_leaks(train: Pictures, validation: Pictures) -> list[DataProblem]:
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


def _split(pictures: Pictures, seed: int) -> tuple[list[Example], list[Example]]:
    """A picture with several captions falls on one side."""
    mixed = random.Random(seed).sample([*pictures.values()], len(pictures))
    kept = len(mixed) - max(1, round(len(mixed) * VALIDATION_SHARE))
    return (
        [example for examples in mixed[:kept] for example in examples],
        [example for examples in mixed[kept:] for example in examples],
    )


def _flatten(pictures: Pictures) -> list[Example]:
    return [example for examples in pictures.values() for example in examples]
