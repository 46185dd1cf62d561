"""Judges captions and sizes of pictures: what is wrong is half a sentence, what is odd is a note."""

from collections.abc import Sequence

from core.dataset import count
from core.values import explain_text
from examples import Example

LONGEST_CAPTION = 2000  # characters
WORDS_READ = 75  # at the most: the text encoder of Stable Diffusion reads 77 tokens, two are ends
MOST_ENLARGED = 2  # times; what is smaller becomes a blur, and the model learns to blur
LONG = 1.5  # times as wide as high, or as high as wide: more than a third is cut off


def explain_caption(value: object) -> str:
    """Why `value` is no caption; empty where it is one."""
    if problem := explain_text(value):
        return problem
    if len(str(value)) > LONGEST_CAPTION:
        has = f"has {len(str(value)):,} characters"
        return f"{has}; say what is seen in {WORDS_READ} words, the rest is not read."
    return ""


def explain_size(size: tuple[int, int], resolution: int) -> str:
    """Why a picture is too small to learn from; empty where it is not."""
    if min(size) * MOST_ENLARGED >= resolution:
        return ""
    least = -(-resolution // MOST_ENLARGED)
    return (
        f"is {size[0]} x {size[1]} pixels; --resolution {resolution} needs {least} on each side"
        " at the least."
    )


def note_sizes(source: str, examples: Sequence[Example], resolution: int, notes: list[str]) -> None:
    if small := [e for e in examples if min(e.size) < resolution]:
        some = count(len(small), "picture is", "pictures are")
        notes.append(
            f"{source}: {some} smaller than {resolution} pixels and will be enlarged, which blurs,"
            f" first {small[0].place}."
        )
    if long := [e for e in examples if max(e.size) > LONG * min(e.size)]:
        some = count(len(long), "picture loses", "pictures lose")
        notes.append(
            f"{source}: {some} more than a third by being cut to a square, first {long[0].place}."
        )


def note_captions(source: str, examples: Sequence[Example], notes: list[str]) -> None:
    if long := [e for e in examples if len(e.caption.split()) > WORDS_READ]:
        some = count(len(long), "caption has", "captions have")
        notes.append(
            f"{source}: {some} more than {WORDS_READ} words; the rest is not read,"
            f" first {long[0].place}."
        )
    if len(examples) > 1 and len({e.caption.casefold() for e in examples}) == 1:
        notes.append(
            f"{source}: every picture has the same caption, so that it learns these words as one"
            " thing; captions that say what differs let you ask for it."
        )
