"""Reads a folder of pictures, each with its caption in a text file beside it: 17.png and 17.txt."""

from pathlib import Path

from core.dataset import count
from core.errors import DataProblem
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
    """A row for each picture, in the order of their names."""
    files = sorted(file for file in Path(source).iterdir() if not file.name.startswith("."))
    pictures = [file for file in files if file.is_file() and is_picture_file(file)]
    rows = []
    for picture in pictures:
        values: dict[str, object] = {"image": picture.name}
        caption = _read_caption(picture.with_suffix(".txt"), picture, found.problems)
        rows.append(Row(str(picture), WHOLE_FILE, values | {"caption": caption}))
    found.rows += len(rows)
    used = {*pictures, *(picture.with_suffix(".txt") for picture in pictures)}
    if others := [file.name for file in files if file not in used]:
        named = f"{', '.join(others[:5])}{' …' if len(others) > 5 else ''}"
        found.notes.append(f"{source}: passed over {count(len(others), 'file', 'files')}: {named}.")
    return rows


def _read_caption(path: Path, picture: Path, problems: list[DataProblem]) -> str:
    """What is wrong goes to `problems`, and the text is empty."""
    message = ""
    text = ""
    try:
        text = path.read_text(encoding="utf-8-sig").strip()
        message = "" if text else "is empty; write what the picture shows."
    except FileNotFoundError:
        path, message = picture, f"has no caption; write what it shows to {path.name} beside it."
    except UnicodeDecodeError:
        message = "is not UTF-8; save the file as UTF-8."
    if message:
        problems.append(DataProblem(str(path), message))
    return text
