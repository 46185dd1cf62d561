"""The commands of a model folder, each in a process of its own."""

import asyncio
import contextlib
import json
import os
import subprocess
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import structlog

from app.core.settings import Settings
from app.worker.outage import pauses

log = structlog.get_logger(__name__)

Json = dict[str, Any]

USER_ERRORS = (2, 3, 5, 6)  # exit codes: usage, data, model not available, artifact
SHORT = 120  # seconds; a cold start of a large library takes 20
CANCEL = 1200  # seconds: it waits for a checkpoint, which may have to come from another machine
TRANSFER = 3600  # seconds for an artifact
REAP = 2  # seconds for a command that was killed
OUTPUT = 16 * 1024 * 1024  # bytes at the most
LOG = 4 * 1024 * 1024  # bytes that are kept, at the end
COMPLAINT = 64 * 1024  # the same, of standard error
SENTENCE = 2000  # characters of an error
CHUNK = 64 * 1024  # bytes


class ProviderError(Exception):
    """A command failed, in its own words.

    Args:
        is_final: It refused, so that asking again would not help.
    """

    def __init__(self, message: str, is_final: bool = False) -> None:
        super().__init__(message)
        self.is_final = is_final


class Provider:
    def __init__(self, folder: Path, settings: Settings) -> None:
        self.folder = folder
        self._python = settings.ml_python
        self._environment = _environment(settings)

    async def describe(self) -> Json:
        return await self._json("cloud.py", "describe")

    async def check(self, arguments: Sequence[str]) -> Json:
        """What is wrong with data, if anything."""
        return await self._json("train.py", "--check", *arguments, accept=(0, 3), limit=TRANSFER)

    async def estimate(self, arguments: Sequence[str]) -> Json:
        """What a training with these would need, take and cost."""
        return await self._json("train.py", "--estimate-json", *arguments, limit=TRANSFER)

    async def launch(self, name: str, arguments: Sequence[str]) -> None:
        await self._run("cloud.py", "launch", "--name", name, "--", *arguments, limit=TRANSFER)

    async def deploy(self, name: str, artifact: Path) -> None:
        options = ("--artifact", str(artifact))
        await self._run("cloud.py", "deploy", "--name", name, "--", *options, limit=TRANSFER)

    async def status(self, name: str) -> Json:
        return await self._json("cloud.py", "status", name)

    async def cancel(self, name: str) -> None:
        await self._run("cloud.py", "cancel", name, limit=CANCEL)

    async def fetch(self, name: str, folder: Path) -> None:
        await self._run("cloud.py", "fetch", name, str(folder), limit=TRANSFER)

    async def logs(self, name: str) -> str:
        """The end of what a run printed."""
        async with asyncio.timeout(SHORT), self._process("cloud.py", "logs", name) as process:
            text, _ = await asyncio.gather(
                _tail(process.stdout, LOG), _tail(process.stderr, COMPLAINT)
            )
        return text

    async def watch(self, name: str, after: int) -> AsyncGenerator[Json]:
        """The run's events after a line, as they come; the last item is its `status`.

        Raises:
            ProviderError: The provider knows no such run.
        """
        for pause in pauses():
            async with self._process("cloud.py", "watch", name, "--after", str(after)) as process:
                complaint = asyncio.create_task(_tail(process.stderr, COMPLAINT))
                async for item in _items(process):
                    yield item
                    if "status" in item:
                        return
                    after = item["line"]
                code = await process.wait()
                sentence = _sentence(f"cloud.py watch {name}", code, await complaint)
            if code in USER_ERRORS:
                raise ProviderError(sentence)
            log.warning("Watching goes on from where it broke off.", line=after, reason=sentence)
            await asyncio.sleep(pause)

    async def _json(
        self, *command: str, accept: Sequence[int] = (0,), limit: float = SHORT
    ) -> Json:
        output = await self._run(*command, accept=accept, limit=limit)
        try:
            answer: Json = parse(output)
        except ValueError:
            raise ProviderError(
                f"{' '.join(command[:2])} answered something else than JSON."
            ) from None
        return answer

    async def _run(
        self, *command: str, accept: Sequence[int] = (0,), limit: float = SHORT
    ) -> bytes:
        """What a command prints."""
        title = " ".join(command[:2])
        async with self._process(*command) as process:
            try:
                async with asyncio.timeout(limit):
                    output, complaint = await asyncio.gather(
                        _read(process.stdout, title), _tail(process.stderr, COMPLAINT)
                    )
                    code = await process.wait()
            except TimeoutError:
                raise ProviderError(f"{title} took longer than {limit:g} s.") from None
        if code not in accept or (code and not output.strip()):
            raise ProviderError(_sentence(title, code, complaint), code in USER_ERRORS)
        return output

    @asynccontextmanager
    async def _process(self, *command: str) -> AsyncIterator[asyncio.subprocess.Process]:
        process = await asyncio.create_subprocess_exec(
            self._python,
            *command,
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            limit=OUTPUT,
        )
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            with contextlib.suppress(TimeoutError):  # a child of its may keep its output open
                async with asyncio.timeout(REAP):
                    await _tail(process.stdout, 1)  # unread, it would keep `wait` waiting
                    await process.wait()


def parse(text: bytes | str) -> Any:
    """JSON as Postgres takes it: without NUL characters, NaN and infinity."""
    content = text.decode() if isinstance(text, bytes) else text
    return json.loads(content.replace("\\u0000", ""), parse_constant=lambda _: None)


async def _items(process: asyncio.subprocess.Process) -> AsyncIterator[Json]:
    assert process.stdout
    async for line in process.stdout:
        try:
            yield parse(line)
        except ValueError:  # it died while it printed
            return


async def _read(stream: asyncio.StreamReader | None, title: str) -> bytes:
    assert stream
    content = bytearray()
    while chunk := await stream.read(CHUNK):
        content += chunk
        if len(content) > OUTPUT:
            raise ProviderError(f"{title} printed more than {OUTPUT:,} bytes.")
    return bytes(content)


async def _tail(stream: asyncio.StreamReader | None, size: int) -> str:
    assert stream
    kept = b""
    while chunk := await stream.read(CHUNK):
        kept = (kept + chunk)[-size:]
    return kept.decode(errors="replace")


def _sentence(command: str, code: int, complaint: str) -> str:
    _, mark, sentence = f"\n{complaint}".rpartition("\nerror: ")
    if mark:
        return sentence.strip()[:SENTENCE]
    last = complaint.strip().splitlines()[-1:] or ["it said nothing"]
    return f"{command} ended with code {code}: {last[0]}"[:SENTENCE]


def _environment(settings: Settings) -> dict[str, str]:
    """That of this process without the backend's own secrets; model servers get their key."""
    secret = {
        name.upper()
        for name, field in Settings.model_fields.items()
        if "SecretStr" in str(field.annotation)
    }
    kept = {name: value for name, value in os.environ.items() if name.upper() not in secret}
    key = settings.ml_server_key
    return kept | ({"SERVE_API_KEY": key.get_secret_value()} if key else {})
