"""Lists pictures with their labels: from a folder for each label, or from tables."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from core.dataset import count, load_rows
from core.errors import DataError, DataProblem
from core.findings import Findings
from core.pictures import ENDINGS, is_picture_file
from core.sources import READERS
from tables import Listed, list_rows

PARTS = {"train", "training", "val", "valid", "validation", "test"}  # what no label is called


def list_pictures(source: str, columns: Mapping[str, str], found: Findings) -> list[Listed]:
    """All that `source` names; what is wrong with a row goes to `found`.

    Raises:
        DataError: It cannot be read, or is empty.
    """
    folder = Path(source)
    is_table = folder.is_dir() and any(path.suffix.lower() in READERS for path in folder.iterdir())
    if is_table or not folder.is_dir():
        return list_rows(source, load_rows(source, found, referred=ENDINGS), columns, found)
    if columns:
        found.notes.append(f"{source}: the folders are the labels, so --columns says nothing.")
    return _list_folder(folder, found)


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
        passed = count(len(others), "file that does", "files that do")
        endings = ", ".join(ENDINGS)
        found.notes.append(
            f"{folder}: passed over {passed} not end in {endings}, first {others[0]}."
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
    return is_picture_file(path) and not path.name.startswith(".") and path.is_file()
