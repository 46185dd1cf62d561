"""Opens pictures of a data set, from a file, a data URL or bytes in a table, or says what is wrong.

picture = open_picture("photos/17.jpg", folder=Path("data"))
"""

import base64
import binascii
import hashlib
import io
import re
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from core.errors import shorten
from core.values import is_missing

FORMATS = ("PNG", "JPEG", "WEBP", "BMP")
ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
MODES = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr")  # of 8 bits a channel
MOST_PIXELS = 80_000_000  # a small file can unpack to more than memory holds
DATA_URL = re.compile(r"data:(image/[\w.+-]+)?(;[\w=.-]+)*?;base64,", re.ASCII)
WHITE = (255, 255, 255, 255)  # stands behind what is transparent
DAMAGED = "is damaged or cut off; export it again or delete the row."
HEIC = (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypmsf1")
# What PIL raises at a file that is damaged, or made to hurt.
BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    LookupError,
    TypeError,
    OverflowError,
    MemoryError,
    struct.error,
    zlib.error,
)

Image.MAX_IMAGE_PIXELS = None  # `identify` looks itself: PIL would warn, or raise at twice as many


class PictureError(ValueError):
    """Why a value is no picture to learn from: half a sentence."""


def open_picture(value: object, folder: Path = Path(), side: int | None = None) -> Image.Image:
    """The picture, upright, in RGB, read to its end.

    Args:
        value: A path, a data URL, bytes, or what tables have: {"bytes": …, "path": …}.
        folder: Paths start here, and must not lead out of it.
        side: Pixels that its sides need at least: a large JPEG is then read smaller, and faster.

    Raises:
        PictureError: It is not there, or no picture that can be read.
    """
    if isinstance(value, Image.Image):  # data sets on Hugging Face have them
        return to_rgb(value)
    return to_rgb(load(identify(read_picture(find_picture(value, folder))), side))


def find_picture(value: object, folder: Path) -> Path | bytes:
    """The file that `value` names, or what is in it; nobody has looked yet.

    Raises:
        PictureError: It does neither.
    """
    if isinstance(value, Mapping) and value.get("bytes") is not None:
        value = value["bytes"]
    elif isinstance(value, Mapping) and "path" in value:
        value = value["path"]
    if is_missing(value) or value == "":
        raise PictureError("is missing; give a picture or delete the row.")
    if isinstance(value, bytes):
        return value
    if not isinstance(value, str):
        raise PictureError(f"is {shorten(value)}, which is no path and no data URL.")
    if value.startswith("data:"):
        return _decode(value)
    if value.startswith(("http://", "https://")):
        raise PictureError("is a web address; download the picture, and write its path.")
    return _find_file(value, folder)


def read_picture(found: Path | bytes) -> bytes:
    if isinstance(found, bytes):
        return found
    try:
        return found.read_bytes()
    except OSError as error:
        raise PictureError(f"cannot be read: {error.strerror}.") from None


def identify(content: bytes) -> Image.Image:
    """The picture as its first bytes describe it: no pixel has been read yet."""
    if not content:
        raise PictureError("is an empty file; export it again or delete the row.")
    if content[4:12] in HEIC:
        raise PictureError("is HEIC, as phones write it; save it as JPEG.")
    try:
        picture = Image.open(io.BytesIO(content), formats=FORMATS)
        # A camera's JPEG may hold a second one, such as a preview: the first one counts.
        is_animated = picture.format != "MPO" and getattr(picture, "is_animated", False)
    except UnidentifiedImageError:
        raise PictureError(f"is no {', '.join(FORMATS[:-1])} or {FORMATS[-1]} picture.") from None
    except BROKEN:
        raise PictureError(DAMAGED) from None
    if picture.width * picture.height > MOST_PIXELS:
        raise PictureError(f"has more than {MOST_PIXELS:,} pixels; make it smaller.")
    if picture.mode not in MODES:
        message = f"has other than 8 bits a channel (mode {picture.mode}); save it with 8."
        raise PictureError(message)
    if is_animated:
        raise PictureError("is animated; save one of its pictures.")
    return picture


def load(picture: Image.Image, side: int | None = None) -> Image.Image:
    """Read it to its end; it is stored as it was."""
    try:
        if side is not None:
            picture.draft(None, (side, side))
        picture.load()
    except BROKEN:
        raise PictureError(DAMAGED) from None
    return picture


def to_rgb(picture: Image.Image) -> Image.Image:
    """As it looks on a white page, turned as the camera was held."""
    try:
        upright = ImageOps.exif_transpose(picture)
    except BROKEN:
        raise PictureError(DAMAGED) from None
    if not upright.has_transparency_data:
        return upright.convert("RGB")
    layer = upright.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layer.size, WHITE), layer).convert("RGB")


def pixel_digest(picture: Image.Image) -> str:
    """SHA-256 of what is seen: the same for the same picture in another file."""
    head = f"{picture.width}x{picture.height}\0".encode()
    return hashlib.sha256(head + picture.tobytes()).hexdigest()


def to_data_url(picture: Image.Image, kind: str = "PNG", **options: int) -> str:
    """
    Args:
        options: Of PIL's writer, such as `quality`.
    """
    file = io.BytesIO()
    picture.save(file, kind, **options)
    content = base64.b64encode(file.getvalue()).decode("ascii")
    return f"data:image/{kind.lower()};base64,{content}"


def is_picture_file(path: Path) -> bool:
    """By its name."""
    return path.suffix.lower() in ENDINGS


def _decode(url: str) -> bytes:
    head = DATA_URL.match(url)
    if head is None:
        raise PictureError("is a data URL that does not begin like data:image/png;base64,")
    try:
        return base64.b64decode(url[head.end() :], validate=True)
    except binascii.Error:
        raise PictureError("is a data URL whose base64 is damaged or cut off.") from None


def _find_file(name: str, folder: Path) -> Path:
    try:
        path = (folder / name).resolve()
        # A table from somebody else must not reach for other files of this machine.
        if not path.is_relative_to(folder.resolve()):
            raise PictureError(f"leads out of {folder}; put the pictures beside the table.")
        if not path.is_file():
            raise PictureError(f"is {shorten(name)}, and there is no such file in {folder}.")
        return path
    except PictureError:
        raise
    except (OSError, ValueError):  # too long, or with a character that no name has
        raise PictureError(f"is {shorten(name)}, which is no name of a file.") from None
