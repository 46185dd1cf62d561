"""Loads pictures and captions to learn from, and refuses data that no model should learn.

python train.py --data data/train.csv --columns image=file --columns caption=text
python train.py --data photos    # a folder with 17.jpg and 17.txt, or with a table
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from checks import explain_caption, explain_size, note_captions, note_sizes
from core.columns import Field, choose_columns, most_text
from core.dataset import DataSettings, count, fingerprint, load_rows
from core.errors import DataError, DataProblem
from core.findings import Findings
from core.pictures import ENDINGS, PictureError, open_picture, pixel_digest
from core.sources import Row
from examples import Example, Pictures, by_picture, flatten, split_by_picture
from folder import WHOLE_FILE, is_picture_folder, read_folder

IMAGE_NAMES = ("picture", "file_name", "filename", "image_path", "path", "file", "img", "photo")
CAPTION_NAMES = ("text", "prompt", "description", "title")
COLUMNS = (Field("image", IMAGE_NAMES), Field("caption", CAPTION_NAMES, most_text))
FIELDS = tuple(field.name for field in COLUMNS)
LEAST = 5  # pictures; fewer leave too little to learn from and to validate on
FEW = 5  # rows to validate on; fewer can agree by chance


class Settings(DataSettings, Protocol):
    @property
    def resolution(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Dataset:
    train: list[Example]
    validation: list[Example]
    notes: list[str]  # what was guessed, dropped or looks odd
    fingerprint: str  # sha256 of all pictures and captions, before `samples` takes some


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
    train, validation = flatten([*pictures.values()]), flatten([*held_out.values()])
    digest = fingerprint([e.digest, e.caption] for e in train + validation)
    if not settings.validation:
        train, validation = split_by_picture(pictures, settings.seed)
        rows = count(len(validation), "row", "rows")
        found.notes.append(f"{settings.data}: set {rows} apart to validate.")
    if settings.samples is not None:
        train, validation = train[: settings.samples], validation[: settings.samples]
    if len(validation) < FEW:
        rows = count(len(validation), "row", "rows")
        found.notes.append(f"{rows} to validate on: the verdict says little, look at the pictures.")
    found.summary |= {"train_rows": len(train), "validation_rows": len(validation)}
    return Dataset(train, validation, found.notes, digest)


def _load_pictures(source: str, settings: Settings, found: Findings) -> Pictures:
    if is_picture_folder(source):
        rows = read_folder(source, found)
    else:
        rows = load_rows(source, found, referred=ENDINGS)
    chosen = choose_columns(source, rows, settings.columns, COLUMNS, found)
    examples = _check_rows(rows, chosen, settings.resolution, found.problems)
    pictures = by_picture(source, examples, found.notes)
    kept = flatten([*pictures.values()])
    note_sizes(source, kept, settings.resolution, found.notes)
    note_captions(source, kept, found.notes)
    return pictures


def _check_rows(
    rows: Sequence[Row],
    columns: Mapping[str, str],
    resolution: int,
    problems: list[DataProblem],
) -> list[Example]:
    examples = []
    for row in rows:
        image, caption = (row.values.get(columns[field]) for field in FIELDS)
        number = None if row.number == WHOLE_FILE else row.number
        folder = Path(row.file).parent
        wrong = {"image": "", "caption": explain_caption(caption)}
        try:
            picture = open_picture(image, folder)
            wrong["image"] = explain_size(picture.size, resolution)
        except PictureError as error:
            wrong["image"] = str(error)
        problems += [
            DataProblem(row.file, message, number, None if number is None else columns[field])
            for field, message in wrong.items()
            if message
        ]
        if not any(wrong.values()):
            text, digest = " ".join(str(caption).split()), pixel_digest(picture)
            examples.append(Example(image, folder, text, digest, picture.size, row.file, number))
    return examples


def _summarize(pictures: Pictures, found: Findings) -> None:
    examples = flatten([*pictures.values()])
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
