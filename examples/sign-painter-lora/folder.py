"""Reads a folder of pictures, each with its caption in a text file beside it: 17.png and 17.txt."""

from pathlib import Path

from core.dataset import count
from core.errors import DataError, DataProblem
from core.findings import Findings
from core.pictures import is_picture_file
from core.sources import READERS, Row

WHOLE_FILE = 0  # number of a row that is a file of its own


def is_picture_folder(source: str) -> bool:
    """Whether there are pictures, and no table that says what is on them."""
    path = Path(source)
    if not path.is_dir():
        return False
    files = [file for file in path.iterdir() if file.is_file()]
    has_table = any(file.suffix.lower() in READERS for file in files)
    return not has_table and any(map(is_picture_file, files))


def read_folder(source: str, found: Findings) -> list[Row]:
    """A row for each picture, in the order of their names.

    What is wrong with a caption goes to `found`, and its picture is left out.
    """
    files = sorted(file for file in Path(source).iterdir() if not file.name.startswith("."))
    pictures = [file for file in files if file.is_file() and is_picture_file(file)]
    rows = []
    for picture in pictures:
        try:
            caption = _read_caption(picture)
        except DataError as error:
            found.problems += error.problems
            continue
        values: dict[str, object] = {"image": picture.name, "caption": caption}
        rows.append(Row(str(picture), WHOLE_FILE, values))
    found.rows += len(pictures)
    captions = {picture.with_suffix(".txt") for picture in pictures}
    if others := [file.name for file in files if file not in captions.union(pictures)]:
        named = f"{', '.join(others[:5])}{' …' if len(others) > 5 else ''}"
        found.notes.append(f"{source}: passed over {count(len(others), 'file', 'files')}: {named}.")
    if not rows:
        found.raise_problems()
    return rows


def _read_caption(picture: Path) -> str:
    path = picture.with_suffix(".txt")
    try:
        text = path.read_text(encoding="utf-8-sig").strip()
    except FileNotFoundError:
        message = f"has no caption; write what it shows to {path.name} beside it."
        raise DataError(DataProblem(str(picture), message)) from None
    except UnicodeDecodeError:
        message = "is not UTF-8; save the file as UTF-8."
        raise DataError(DataProblem(str(path), message)) from None
    if not text:
        raise DataError(DataProblem(str(path), "is empty; write what the picture shows."))
    return text
