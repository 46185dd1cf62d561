"""Lists pictures with their labels: from a folder for each label, or from tables."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.columns import Field, choose_columns, fewest_values
from core.dataset import count, load_rows
from core.errors import DataError, DataProblem, quote, shorten
from core.findings import Findings
from core.labels import LABEL_KINDS, LABEL_NAMES, explain_label
from core.sources import READERS, Row
from core.values import is_missing, to_name, usual_kind
from pictures import ENDINGS, Unreadable, decode_base64

IMAGE_NAMES = ("file_name", "filename", "picture", "photo", "img", "file", "path", "image_path")
PARTS = {"train", "training", "val", "valid", "validation", "test"}  # what no label is called


def most_pictures(rows: Sequence[Row], names: Sequence[str]) -> list[str]:
    """Columns that hold pictures, or end as their files do; the one with most of them first."""
    found = {name: sum(_looks_like_one(row.values.get(name)) for row in rows) for name in names}
    return sorted((name for name in names if found[name]), key=lambda name: -found[name])


COLUMNS = (
    Field("image", IMAGE_NAMES, most_pictures),
    Field("label", LABEL_NAMES, fewest_values),
)
FIELDS = tuple(field.name for field in COLUMNS)


@dataclass(frozen=True, slots=True)
class Listed:
    """A picture that is said to be there: nobody has looked yet."""

    picture: Path | bytes  # where its file is, or what is in it
    label: str
    file: str
    number: int | None = None  # of the table's row
    column: str | None = None

    def problem(self, message: str) -> DataProblem:
        """What is wrong with the picture, said where it stands."""
        if self.number is not None and isinstance(self.picture, Path):
            message = f"{quote(self.picture.name)} {message}"
        return DataProblem(self.file, message, self.number, self.column)


def list_pictures(source: str, columns: Mapping[str, str], found: Findings) -> list[Listed]:
    """All that `source` names; what is wrong with a row goes to `found`.

    Raises:
        DataError: It cannot be read, or is empty.
    """
    folder = Path(source)
    if not folder.is_dir():
        return _list_rows(source, load_rows(source, found), columns, found)
    tables = sorted(p for p in folder.iterdir() if p.suffix.lower() in READERS and p.is_file())
    if not tables:
        return _list_folder(folder, found)
    rows = [row for table in tables for row in load_rows(str(table), found)]
    return _list_rows(source, rows, columns, found)


def _list_folder(folder: Path, found: Findings) -> list[Listed]:
    labels = sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))
    if not labels:
        message = "has neither a folder of pictures for each label nor a table that names pictures."
        raise DataError(DataProblem(str(folder), message))
    if all(path.name.lower() in PARTS for path in labels):
        parts = " --validation ".join(str(path) for path in labels[:2])
        message = f"its folders are parts of the data, not labels: say --data {parts}."
        raise DataError(DataProblem(str(folder), message))
    for path in sorted(folder.iterdir()):
        if _is_picture(path):
            message = "lies outside of the labels' folders; move it into one or delete it."
            found.problems.append(DataProblem(str(path), message))
    listed: list[Listed] = []
    others: list[Path] = []
    for label in labels:
        files = list(_files(label))
        pictures = [path for path in files if _is_picture(path)]
        others += [path for path in files if not _is_picture(path)]
        listed += [Listed(path, label.name.strip(), str(path)) for path in pictures]
        if not pictures:
            found.notes.append(f"{label}: holds no pictures, so no label comes of it.")
    if others:
        files_ = count(len(others), "file that is", "files that are")
        found.notes.append(
            f"{folder}: passed over {files_} no picture by the name, first {others[0]}."
        )
    if not listed and not found.problems:
        raise DataError(DataProblem(str(folder), f"holds no pictures ({', '.join(ENDINGS)})."))
    found.rows += len(listed)
    return listed


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder).parts
        if path.is_file() and not any(part.startswith(".") for part in inner):
            yield path


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in ENDINGS and not path.name.startswith(".") and path.is_file()


def _list_rows(
    source: str, rows: Sequence[Row], columns: Mapping[str, str], found: Findings
) -> list[Listed]:
    chosen = choose_columns(source, rows, columns, COLUMNS, found)
    image, label = chosen["image"], chosen["label"]
    usual = usual_kind((row.values.get(label) for row in rows), LABEL_KINDS)
    listed = []
    for row in rows:
        value = row.values.get(label)
        if label_problem := explain_label(value, usual):
            found.problems.append(DataProblem(row.file, label_problem, row.number, label))
        try:
            picture = _locate(row.values.get(image), Path(row.file).parent)
        except Unreadable as error:
            found.problems.append(DataProblem(row.file, str(error), row.number, image))
            continue
        if not label_problem:
            listed.append(Listed(picture, to_name(value), row.file, row.number, image))
    return listed


def _locate(value: object, folder: Path) -> Path | bytes:
    """The file that a cell names, or the bytes that it holds.

    Raises:
        Unreadable: It does neither.
    """
    if isinstance(value, Mapping):  # as data sets on Hugging Face keep pictures
        value = value.get("bytes") or value.get("path")
    if isinstance(value, bytes):
        return value
    if is_missing(value) or value == "":
        raise Unreadable("is missing; write the path of a picture or delete the row.")
    if not isinstance(value, str):
        raise Unreadable(f"is {shorten(value)}, which is no path; write one between quotes.")
    if value.startswith("data:"):
        return decode_base64(value)
    if value.lower().startswith(("http://", "https://")):
        raise Unreadable("is a web address; download the picture and write its path.")
    path = folder / value.strip().replace("\\", "/")
    if "\0" in value or not path.is_file():
        raise Unreadable(f"is {quote(value)}, and there is no such file in {quote(str(folder))}.")
    return path


def _looks_like_one(value: object) -> bool:
    if isinstance(value, str):
        return value.lower().endswith(ENDINGS) or value.startswith("data:image/")
    return isinstance(value, bytes) or (isinstance(value, Mapping) and "bytes" in value)
