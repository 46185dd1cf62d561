"""What generates text, whatever does the computing: tokens in, pieces of text out as they come."""

import asyncio
import queue
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Finish = Literal["stop", "length"]


@dataclass(frozen=True, slots=True)
class Message:
    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the next token is chosen, and when it is enough."""

    max_tokens: int
    temperature: float = 0.0  # 0 takes the most probable token each time
    top_p: float = 1.0  # only the most probable tokens that together have this probability
    top_k: int = 0  # only so many of the most probable tokens; 0 is all
    seed: int | None = None  # None draws anew each time
    stop: tuple[str, ...] = ()  # texts that end the answer, and are no part of it


@dataclass(frozen=True, slots=True)
class Piece:
    """Some more text; the last one says why it is the last."""

    text: str
    tokens: int  # that were generated so far
    finish: Finish | None = None


class Full(Exception):
    """More is waiting than can be answered soon."""


Deliver = Callable[[Piece | Exception], object]
Cancel = Callable[[], None]


class Engine(Protocol):
    @property
    def slots(self) -> int:
        """Answers that it works on at once."""

    @property
    def max_length(self) -> int:
        """Tokens of a question and its answer that it has room for, whatever the model reads."""

    @property
    def failure(self) -> Exception | None:
        """What it cannot go on after."""

    def submit(self, ids: Sequence[int], sampling: Sampling, deliver: Deliver) -> Cancel:
        """Begin to answer `ids`.

        Args:
            deliver: Gets the pieces, from a thread of the engine; an error instead ends them.

        Returns:
            What ends the computing early.

        Raises:
            Full: There is no room.
        """

    def close(self) -> None: ...


class Generator(Protocol):
    """What a predictor has to be, so that `chat_api` can serve it."""

    @property
    def engine(self) -> Engine: ...

    def encode_chat(self, messages: Sequence[Message], /) -> list[int]:
        """The tokens of a conversation, up to where the answer begins.

        Raises:
            ValueError: The model cannot answer it; a sentence says why.
        """

    def encode_text(self, text: str, /) -> list[int]:
        """The tokens of a text that the model goes on with.

        Raises:
            ValueError: The model cannot go on with it; a sentence says why.
        """

    def room(self, ids: Sequence[int], /) -> int:
        """Tokens that an answer to `ids` can have.

        Raises:
            ValueError: None at all; a sentence says why.
        """


class Stream:
    """An answer as it comes, for a coroutine; to be closed, however it ends."""

    def __init__(self, engine: Engine, ids: Sequence[int], sampling: Sampling) -> None:
        loop = asyncio.get_running_loop()
        self._pieces: asyncio.Queue[Piece | Exception] = asyncio.Queue()
        self.close = engine.submit(
            ids, sampling, lambda piece: loop.call_soon_threadsafe(self._pieces.put_nowait, piece)
        )

    async def __aiter__(self) -> AsyncIterator[Piece]:
        finish = None
        while not finish:
            piece = await self._pieces.get()
            if isinstance(piece, Exception):
                raise piece
            yield piece
            finish = piece.finish


def answer(engine: Engine, questions: Sequence[tuple[Sequence[int], Sampling]]) -> list[str]:
    """The answers to some questions at once, for a thread.

    Raises:
        Full: There is no room for all of them.
    """
    waiting = []
    for ids, sampling in questions:
        pieces: queue.SimpleQueue[Piece | Exception] = queue.SimpleQueue()
        waiting.append((pieces, engine.submit(ids, sampling, pieces.put)))
    try:
        return [_text(pieces) for pieces, _ in waiting]
    finally:
        for _, cancel in waiting:
            cancel()


def _text(pieces: "queue.SimpleQueue[Piece | Exception]") -> str:
    text = ""
    while True:
        piece = pieces.get()
        if isinstance(piece, Exception):
            raise piece
        text += piece.text
        if piece.finish:
            return text
