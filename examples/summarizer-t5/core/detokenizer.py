"""Turns tokens into text as they come: whole characters only, and nothing of a stop text."""

from typing import Any

HALF = "\N{REPLACEMENT CHARACTER}"  # what a tokenizer decodes some bytes of a character to


class Detokenizer:
    """
    Args:
        tokenizer: One of transformers.
        stop: Texts that end the answer, and are no part of it.
    """

    def __init__(self, tokenizer: Any, stop: tuple[str, ...] = ()) -> None:
        self.tokenizer = tokenizer
        self.stop = stop
        self.stopped = False
        self._ids: list[int] = []
        self._start = (
            0  # of the tokens that are decoded together: a word's space depends on those before
        )
        self._read = 0  # tokens whose text is known
        self._held = ""  # text that may be the beginning of a stop text

    def add(self, token: int) -> str:
        """The text that is certain with one more token."""
        self._ids.append(token)
        known = self._decode(self._start, self._read)
        text = self._decode(self._start, len(self._ids))
        if len(text) <= len(known) or text.endswith(HALF):
            return ""
        self._start, self._read = self._read, len(self._ids)
        return self._release(text[len(known) :])

    def rest(self) -> str:
        """What was held back, once no more tokens come."""
        if self.stopped:
            return ""
        known = self._decode(self._start, self._read)
        tail = self._decode(self._start, len(self._ids))[len(known) :]
        text = self._release(tail)
        if self.stopped:
            return text
        held, self._held = self._held, ""
        return text + held

    def _decode(self, start: int, end: int) -> str:
        text: str = self.tokenizer.decode(self._ids[start:end], skip_special_tokens=True)
        return text

    def _release(self, more: str) -> str:
        text = self._held + more
        ends = [place for place in map(text.find, self.stop) if place >= 0]
        if ends:
            self.stopped = True
            return text[: min(ends)]
        keep = max((_overlap(text, stop) for stop in self.stop), default=0)
        self._held = text[len(text) - keep :]
        return text[: len(text) - keep]


def _overlap(text: str, stop: str) -> int:
    """Characters at the end of `text` that `stop` begins with."""
    sizes = range(min(len(text), len(stop) - 1), 0, -1)
    return next((size for size in sizes if text.endswith(stop[:size])), 0)
