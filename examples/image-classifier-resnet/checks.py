"""Looks at every picture once, on all cores: whether it can be read, and which others are the same."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from tqdm import tqdm

from core.dataset import count
from core.findings import Findings
from core.pictures import PictureError, identify, load, pixel_digest, read_picture, to_rgb
from tables import Listed

SIDE = 256  # pixels to which large JPEGs are read here
SLOW = 3  # seconds before a progress bar is shown


@dataclass(frozen=True, slots=True)
class Example:
    picture: Path | bytes
    label: str
    file: str
    number: int | None
    digest: str  # its size, and SHA-256 of its pixels

    @property
    def place(self) -> str:
        return self.file if self.number is None else f"{self.file}, row {self.number}"

    def open(self, side: int) -> Image.Image:
        """In RGB; where its file is larger, both sides have `side` pixels at the least."""
        return to_rgb(load(identify(read_picture(self.picture)), side))


@dataclass(frozen=True, slots=True)
class Look:
    digest: str = ""
    size: tuple[int, int] = (0, 0)
    oddity: str = ""  # what is read otherwise than it is stored
    problem: str = ""


def check_pictures(source: str, listed: Sequence[Listed], found: Findings) -> list[Example]:
    """Those that can be read; what is wrong with the others goes to `found`."""
    with ThreadPoolExecutor() as threads:  # decoders run beside each other
        looking = threads.map(_look, (item.picture for item in listed))
        looks = list(tqdm(looking, "Pictures", len(listed), delay=SLOW, disable=None))
    examples = []
    for item, look in zip(listed, looks, strict=True):
        if look.problem:
            found.problems.append(item.problem(look.problem))
        else:
            example = Example(item.picture, item.label, item.file, item.number, look.digest)
            examples.append(example)
    _note_oddities(source, looks, found.notes)
    _summarize_sizes([look.size for look in looks if not look.problem], found)
    return examples


def _look(picture: Path | bytes) -> Look:
    try:
        stored = identify(read_picture(picture))
        size = stored.size
        digest = pixel_digest(to_rgb(load(stored, SIDE)))
    except PictureError as error:
        return Look(problem=str(error))
    return Look(f"{size} {digest}", size, _oddity(stored))


def _oddity(picture: Image.Image) -> str:
    if picture.has_transparency_data:
        return "is laid on white, where it is transparent"
    return "is converted from CMYK, without its colour profile" if picture.mode == "CMYK" else ""


def _note_oddities(source: str, looks: Sequence[Look], notes: list[str]) -> None:
    for oddity, number in Counter(look.oddity for look in looks if look.oddity).most_common():
        notes.append(f"{source}: {count(number, 'picture', 'pictures')}: each {oddity}.")


def _summarize_sizes(sizes: Sequence[tuple[int, int]], found: Findings) -> None:
    if sizes:
        ordered = sorted(sizes, key=lambda size: size[0] * size[1])
        names = {"smallest": ordered[0], "median": ordered[len(ordered) // 2]}
        names["largest"] = ordered[-1]
        found.summary["pixels"] = {name: f"{w} x {h}" for name, (w, h) in names.items()}
