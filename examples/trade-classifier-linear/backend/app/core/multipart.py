"""The file in a multipart body, passed on while it comes in."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from app.core.problems import Problem, invalid_field

MAX_BOUNDARY = 70  # characters, RFC 2046
MAX_NAME = 200  # characters
CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True)
class Upload:
    name: str
    chunks: AsyncIterator[bytes]


async def open_upload(request: Request, field: str = "file") -> Upload:
    """The file in `field`, as soon as its name is known; other fields are passed over.

    Raises:
        Problem: The body is no multipart one, or has no such file.
    """
    parts = _Parts(_boundary(request), field)
    stream = request.stream()
    while parts.name is None:
        if not await parts.take(stream):
            raise invalid_field(field, "Send the file in a form field of this name")
    return Upload(_clean(parts.name), _content(parts, stream))


class _Parts:
    """What the parser has found so far of the one file that is asked for."""

    def __init__(self, boundary: bytes, field: str) -> None:
        self.name: str | None = None
        self.content: list[bytes] = []
        self.is_whole = False
        self._field = field.encode()
        self._is_file = False
        self._header = b""
        self._value = b""
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._add_header,
                "on_header_value": self._add_value,
                "on_header_end": self._end_header,
                "on_part_data": self._add_content,
                "on_part_end": self._end,
            },
        )

    async def take(self, stream: AsyncIterator[bytes]) -> bool:
        """Read a piece of the body; returns whether there was one."""
        chunk = await anext(stream, b"")
        try:
            self._parser.write(chunk)
        except FormParserError:
            raise Problem(400, "The body is no well-formed multipart form.") from None
        return chunk != b""

    def _begin(self) -> None:
        self._is_file = False

    def _add_header(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _add_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        if self._header.lower() == b"content-disposition":
            _, options = parse_options_header(self._value)
            is_named = options.get(b"name") == self._field and b"filename" in options
            if is_named and self.name is None:
                self._is_file = True
                self.name = options[b"filename"].decode(errors="replace")
        self._header = self._value = b""

    def _add_content(self, data: bytes, start: int, end: int) -> None:
        if self._is_file:
            self.content.append(data[start:end])

    def _end(self) -> None:
        self.is_whole = self.is_whole or self._is_file


async def _content(parts: _Parts, stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    has_more = True
    while has_more:
        for chunk in parts.content:
            yield chunk
        parts.content.clear()
        has_more = await parts.take(stream)
    if not parts.is_whole:
        raise Problem(400, "The upload broke off; send the file again.")


def _boundary(request: Request) -> bytes:
    media_type, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary", b"")
    if media_type != b"multipart/form-data" or not 0 < len(boundary) <= MAX_BOUNDARY:
        raise Problem(415, "Send the file as multipart/form-data.")
    return boundary


def _clean(name: str) -> str:
    """The name alone: some browsers send the whole path."""
    clean = CONTROL.sub("", name).replace("\\", "/")
    last = PurePosixPath(clean).name
    return last if len(last) <= MAX_NAME else last[-MAX_NAME:]
