"""Makes a picture square, in training as in serving."""

from typing import Literal

from PIL import Image

Fit = Literal["stretch", "crop"]


def to_square(picture: Image.Image, side: int, fit: Fit) -> Image.Image:
    """As the network reads it."""
    width, height = picture.size
    box = (0.0, 0.0, float(width), float(height))
    if fit == "crop":
        shorter = min(width, height)
        left, top = (width - shorter) / 2, (height - shorter) / 2
        box = (left, top, left + shorter, top + shorter)
    return picture.resize((side, side), Image.Resampling.BICUBIC, box)
