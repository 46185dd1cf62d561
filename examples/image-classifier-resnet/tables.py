"""Pictures and labels from the rows of a table, which names files or holds them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.columns import Field, choose_columns, fewest_values
from core.errors import DataProblem, quote
from core.findings import Findings
from core.labels import LABEL_KINDS, LABEL_NAMES, explain_label
from core.pictures import ENDINGS, PictureError, find_picture
from core.sources import Row
from core.values import to_name, usual_kind

IMAGE_NAMES = ("file_name", "filename", "picture", "photo", "img", "file", "path", "image_path")


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


def list_rows(
    source: str, rows: Sequence[Row], columns: Mapping[str, str], found: Findings
) -> list[Listed]:
    """What is wrong with a row goes to `found`."""
    chosen = choose_columns(source, rows, columns, COLUMNS, found)
    image, label = chosen["image"], chosen["label"]
    usual = usual_kind((row.values.get(label) for row in rows), LABEL_KINDS)
    listed = []
    for row in rows:
        value = row.values.get(label)
        if label_problem := explain_label(value, usual):
            found.problems.append(DataProblem(row.file, label_problem, row.number, label))
        try:
            picture = find_picture(row.values.get(image), Path(row.file).parent)
        except PictureError as error:
            found.problems.append(DataProblem(row.file, str(error), row.number, image))
            continue
        if not label_problem:
            listed.append(Listed(picture, to_name(value), row.file, row.number, image))
    return listed


def _looks_like_one(value: object) -> bool:
    if isinstance(value, str):
        return value.lower().endswith(ENDINGS) or value.startswith("data:image/")
    return isinstance(value, bytes) or (isinstance(value, Mapping) and "bytes" in value)
