"""Opens pictures: whatever the format, they become RGB and upright; what is wrong is half a sentence."""

import base64
import binascii
import io
import math
import struct
import warnings
import zlib
from typing import Literal

from PIL import Image, ImageOps

FORMATS = ("BMP", "GIF", "JPEG", "PNG", "TIFF", "WEBP")
ENDINGS = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")
MOST_PIXELS = 50_000_000  # in memory, each 3 bytes; a file of a few kB can claim far more
HEIC = (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypmsf1")
DEEP = ("I;16", "I;16B", "I;16L", "I;16N")  # modes with 16 bits of grey
WHITE = (255, 255, 255)
# What Pillow's decoders raise at a file that is damaged or made to hurt.
BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    MemoryError,
    struct.error,
    zlib.error,
)

Image.MAX_IMAGE_PIXELS = None  # `identify` looks itself, and says it in a sentence
warnings.filterwarnings("ignore", module="PIL")  # of odd tags in files that are read all the same

Fit = Literal["stretch", "crop"]


class Unreadable(ValueError):
    """Its text goes on where the picture was named: "is empty; …"."""


def open_picture(content: bytes, side: int) -> Image.Image:
    """
    Args:
        content: A file.
        side: Pixels that each side has to have at least, where the picture has them: the smaller
            a JPEG may become, the faster it is read.

    Raises:
        Unreadable: It is no picture, is damaged, or is not a single one.
    """
    return to_rgb(load(identify(content), side))


def identify(content: bytes) -> Image.Image:
    """The picture as its first bytes describe it: nothing is decoded yet."""
    if not content:
        raise Unreadable("is empty; restore the file or delete it.")
    if content[4:12] in HEIC:
        raise Unreadable("is HEIC, as phones write it; save it as JPEG.")
    try:
        return Image.open(io.BytesIO(content), formats=FORMATS)
    except BROKEN:
        raise Unreadable(f"is no picture that can be read, such as {', '.join(FORMATS)}.") from None


def load(picture: Image.Image, side: int) -> Image.Image:
    """Decode it, all of it."""
    width, height = picture.size
    try:
        # A camera's JPEG may hold a second picture, such as a preview: the first one counts.
        is_single = picture.format == "MPO" or not getattr(picture, "is_animated", False)
        picture.draft("RGB", (side, side))
        is_small = math.prod(picture.size) <= MOST_PIXELS
        if is_single and is_small:
            picture.load()
    except BROKEN as error:
        reason = " ".join(str(error).split()).rstrip(".") or type(error).__name__
        raise Unreadable(f"is damaged ({reason}); restore the file or delete it.") from None
    if not is_single:
        raise Unreadable("is animated or has several pages; save one of them as a picture.")
    if not is_small:
        most = f"{MOST_PIXELS // 1_000_000} million are the most"
        raise Unreadable(f"has {width:,} x {height:,} pixels; {most}: make it smaller.")
    if picture.mode in ("I", "F"):
        raise Unreadable("has 32 bits for a pixel's grey; save it with 8 or 16.")
    return picture


def to_rgb(picture: Image.Image) -> Image.Image:
    """As it looks on a white page: turned as the camera was held, without transparency."""
    try:
        picture = ImageOps.exif_transpose(picture)
    except BROKEN:
        raise Unreadable("has damaged EXIF data; save it anew without them.") from None
    if picture.mode in DEEP:
        picture = picture.convert("I").point(lambda grey: grey * (1 / 256)).convert("L")
    if picture.has_transparency_data:
        page = Image.new("RGBA", picture.size, WHITE)
        picture = Image.alpha_composite(page, picture.convert("RGBA"))
    return picture.convert("RGB")


def to_square(picture: Image.Image, side: int, fit: Fit) -> Image.Image:
    """As the network reads it."""
    width, height = picture.size
    box = (0.0, 0.0, float(width), float(height))
    if fit == "crop":
        shorter = min(width, height)
        left, top = (width - shorter) / 2, (height - shorter) / 2
        box = (left, top, left + shorter, top + shorter)
    return picture.resize((side, side), Image.Resampling.BICUBIC, box)


def decode_base64(text: str) -> bytes:
    """The file that a data URL or plain base64 holds."""
    head, comma, body = text.partition(",")
    if comma and not head.strip().lower().endswith(";base64"):
        raise Unreadable("is no picture in base64; write data:image/png;base64,… or base64 alone.")
    try:
        return base64.b64decode("".join((body if comma else text).split()), validate=True)
    except (binascii.Error, ValueError):
        raise Unreadable("is broken base64; encode the whole file anew.") from None
