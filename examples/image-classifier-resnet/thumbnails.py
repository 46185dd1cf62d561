"""The pictures of a report, as small as it shows them; each is made when it is asked for."""

import base64
import io
from collections.abc import Sequence
from pathlib import Path
from typing import overload

from PIL import Image

from data import Example
from pictures import open_picture

LONGEST = 160  # pixels
QUALITY = 80  # of JPEG


class Thumbnails(Sequence[str]):
    """Data URLs."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self.examples = examples

    def __len__(self) -> int:
        return len(self.examples)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> "Thumbnails": ...
    def __getitem__(self, place: int | slice) -> "str | Thumbnails":
        if isinstance(place, slice):
            return Thumbnails(self.examples[place])
        return to_data_url(open_picture(self.examples[place].content, LONGEST))


def to_data_url(picture: Image.Image) -> str:
    scale = LONGEST / max(picture.size)
    size = [max(1, round(length * scale)) for length in picture.size]
    # A picture of a few pixels is enlarged as it is: blurred, nobody would see what it shows.
    how = Image.Resampling.NEAREST if scale > 1 else Image.Resampling.LANCZOS
    file = io.BytesIO()
    picture.resize((size[0], size[1]), how).save(file, "JPEG", quality=QUALITY)
    return f"data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode()}"


def name_of(example: Example) -> str:
    """What a report calls it."""
    return example.picture.name if isinstance(example.picture, Path) else f"row {example.number}"
