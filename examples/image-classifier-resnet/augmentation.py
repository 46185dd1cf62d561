"""Varies the training pictures, so that the network sees no picture twice and learns what matters.

What is drawn comes from `random` alone, which the training seeds for each step.
"""

import math
import random
from typing import Protocol

from PIL import Image, ImageEnhance, ImageOps

RATIO = 4 / 3  # of the sides of what is cut out, at the most


class Variation(Protocol):
    """The settings of it."""

    @property
    def crop(self) -> float: ...
    @property
    def rotation(self) -> float: ...
    @property
    def flip(self) -> bool: ...
    @property
    def color(self) -> float: ...


def vary(picture: Image.Image, side: int, by: Variation) -> Image.Image:
    """Another view of the picture, as large as the network reads it."""
    view = picture.resize((side, side), Image.Resampling.BICUBIC, _draw_box(picture.size, by.crop))
    if by.rotation:
        angle = random.uniform(-by.rotation, by.rotation)
        view = view.rotate(angle, Image.Resampling.BILINEAR, fillcolor=_average(view))
    if by.flip and random.random() < 0.5:
        view = ImageOps.mirror(view)
    if by.color:
        for change in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
            view = change(view).enhance(random.uniform(1 - by.color, 1 + by.color))
    return view


def _draw_box(size: tuple[int, int], crop: float) -> tuple[float, float, float, float]:
    """A part of the picture, `crop` of its area at the least."""
    area = random.uniform(crop, 1)
    stretch = math.sqrt(random.uniform(1 / RATIO, RATIO)) if crop < 1 else 1.0
    shares = [min(1.0, math.sqrt(area) * by) for by in (stretch, 1 / stretch)]
    width, height = (length * share for length, share in zip(size, shares, strict=True))
    left, top = random.uniform(0, size[0] - width), random.uniform(0, size[1] - height)
    return left, top, min(left + width, size[0]), min(top + height, size[1])


def _average(picture: Image.Image) -> tuple[int, ...]:
    """The colour that fills the corners: a black one would be a mark of what was turned."""
    color = picture.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    assert isinstance(color, tuple)
    return tuple(int(part) for part in color)
