"""The pictures of a report, as small as it shows them; each is made when it is asked for."""

from collections.abc import Sequence
from pathlib import Path
from typing import overload

from PIL import Image

from core.pictures import to_data_url
from data import Example

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
        thumbnail = to_thumbnail(self.examples[place].open(LONGEST))
        return to_data_url(thumbnail, "JPEG", quality=QUALITY)


def to_thumbnail(picture: Image.Image) -> Image.Image:
    scale = LONGEST / max(picture.size)
    size = [max(1, round(length * scale)) for length in picture.size]
    # A picture of a few pixels is enlarged as it is: blurred, nobody would see what it shows.
    how = Image.Resampling.NEAREST if scale > 1 else Image.Resampling.LANCZOS
    return picture.resize((size[0], size[1]), how)


def name_of(example: Example) -> str:
    """What a report calls it."""
    return example.picture.name if isinstance(example.picture, Path) else f"row {example.number}"
