"""The storage of a Supabase project over HTTP: its key, and what its answers mean."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from core.destinations import INSTALL, BrokenOff
from core.errors import DestinationError, UserError

try:
    import httpx
except ImportError:
    raise UserError(f"supabase:// needs httpx: {INSTALL}") from None

URL, KEY = "SUPABASE_URL", "SUPABASE_SECRET_KEY"  # environment variables
TIMEOUT = httpx.Timeout(30, read=120, write=120)  # seconds
BUSY = (408, 409, 423, 429)  # 409 and 423: another one sends to the same upload
NO_MORE = 416  # bytes than those that are here


class Missing(DestinationError):
    """There is no such bucket, object or upload."""


class Supabase:
    def __init__(self) -> None:
        url, self._key = (os.environ.get(name, "").strip() for name in (URL, KEY))
        if not url.startswith(("https://", "http://")) or not self._key:
            raise UserError(
                f"supabase:// needs {URL} and {KEY}: Supabase shows both in its settings, API keys."
            )
        if self._key.startswith("sb_publishable_"):
            raise UserError(f"{KEY} is a publishable key: take the secret one, sb_secret_….")
        headers = {"apikey": self._key}
        if self._key.startswith(
            "eyJ"
        ):  # a service_role key; the gateway takes no other as a bearer
            headers["Authorization"] = f"Bearer {self._key}"
        self._client = httpx.Client(
            base_url=f"{url.rstrip('/')}/storage/v1", headers=headers, timeout=TIMEOUT
        )

    def ask(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> httpx.Response:
        """
        Raises:
            Missing: There is no such thing.
            BrokenOff: It can be asked again.
            DestinationError: It is refused.
        """
        with self._explained():
            answer = self._client.request(method, path, headers=headers, content=content)
        return self._checked(answer)

    @contextmanager
    def read(self, path: str, headers: Mapping[str, str]) -> Iterator[httpx.Response]:
        """What an object holds, while it comes; the same errors."""
        with self._explained(), self._client.stream("GET", path, headers=headers) as answer:
            if answer.is_error and answer.status_code != NO_MORE:
                answer.read()
                self._checked(answer)
            yield answer

    def _checked(self, answer: httpx.Response) -> httpx.Response:
        if answer.is_success:
            return answer
        status = _status(answer)
        if status in (404, 410):
            raise Missing(f"There is no {answer.url.path} at Supabase.")
        if status >= 500 or status in BUSY:
            raise BrokenOff(f"Supabase answered with status {status}.")
        if status in (401, 403):
            raise DestinationError(
                f"Supabase refuses the key: is {KEY} the secret key of the project at {URL}?"
            )
        if status == 413:
            raise DestinationError(
                "A file is larger than Supabase takes: raise the limit of the bucket and of the"
                " project in its Storage settings; a free project has 50 MB."
            )
        said = " ".join(_said(answer).replace(self._key, "…").split()).rstrip(".")
        raise DestinationError(f"Supabase refuses with status {status} ({said}).")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except httpx.TransportError as error:
            raise BrokenOff(f"Supabase can't be reached ({type(error).__name__}).") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise DestinationError(f"{URL} leads nowhere ({type(error).__name__}).") from None


def environment() -> dict[str, str]:
    return {name: os.environ[name] for name in (URL, KEY) if name in os.environ}


def _status(answer: httpx.Response) -> int:
    """Much of it answers 400, with the real status in the body."""
    if answer.status_code == 400:
        try:
            return int(answer.json()["statusCode"])
        except (ValueError, KeyError, TypeError):
            pass
    return answer.status_code


def _said(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["message"])
    except (ValueError, KeyError, TypeError):
        return answer.text[:200]
