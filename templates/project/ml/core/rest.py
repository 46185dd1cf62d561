"""A provider's REST API: polite with its limits, patient with its failures, and clear about the rest."""

import time
from collections.abc import Callable
from typing import Any, Protocol

import httpx

from core.errors import ProviderError
from core.machines import Unclear

TIMEOUT = 30.0  # seconds for one answer
WAITS = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)  # seconds before it is asked again
LONGEST_WAIT = 120.0  # seconds; no Retry-After is waited for longer


class Clock(Protocol):
    """The module `time`, or what a test puts in its place."""

    def time(self) -> float: ...

    def sleep(self, seconds: float, /) -> None: ...


class Refused(ProviderError):
    """The provider understood, and does not do it."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class Rest:
    """
    Args:
        title: The provider, as a sentence names it.
        key: Goes into a header and nowhere else.
        key_name: Environment variable that it comes from, for a sentence.
        explain: Code and message of an error's body.
        pause: Seconds between two requests at the least.
    """

    def __init__(
        self,
        title: str,
        url: str,
        key: str,
        key_name: str,
        explain: Callable[[Any], tuple[str, str]],
        *,
        pause: float = 0.0,
        clock: Clock = time,
    ) -> None:
        self._title = title
        self._key = key
        self._key_name = key_name
        self._explain = explain
        self._pause = pause
        self._clock = clock
        self._next = 0.0
        headers = {"Authorization": f"Bearer {key}", "Accept": "application/json"}
        self._client = httpx.Client(base_url=url, headers=headers, timeout=TIMEOUT)

    def get(self, path: str) -> Any:
        return self._ask("GET", path, None, is_safe=True)

    def post(self, path: str, body: Any, *, is_safe: bool) -> Any:
        """
        Args:
            is_safe: Whether asking twice does no harm.

        Raises:
            Refused: With the provider's own reason.
            Unclear: What is not safe may have been done.
            ProviderError: It failed again and again.
        """
        return self._ask("POST", path, body, is_safe=is_safe)

    def patch(self, path: str, body: Any) -> Any:
        return self._ask("PATCH", path, body, is_safe=True)

    def delete(self, path: str) -> Any:
        return self._ask("DELETE", path, None, is_safe=True)

    def _ask(self, method: str, path: str, body: Any, *, is_safe: bool) -> Any:
        for wait in (*WAITS, None):
            problem, delay = "", wait
            try:
                self._be_polite()
                answer = self._client.request(method, path, json=body)
                if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
                    problem = "wants fewer requests"
                    delay = max(wait or 0.0, _retry_after(answer)) if wait else None
                elif answer.is_success:
                    return answer.json() if answer.content else None
                elif answer.is_server_error:
                    problem = f"failed with status {answer.status_code}"
                else:
                    raise self._refusal(answer)
            except httpx.TransportError as error:
                problem = f"can't be reached ({type(error).__name__})"
            except ValueError:
                problem = "gave an answer that ends half way"
            if not is_safe and problem != "wants fewer requests":
                raise Unclear(f"{self._title} {problem}.")
            if delay is not None:
                self._clock.sleep(min(delay, LONGEST_WAIT))
        raise ProviderError(f"{self._title} {problem}: try again later.")

    def _be_polite(self) -> None:
        now = self._clock.time()
        if now < self._next:
            self._clock.sleep(self._next - now)
        self._next = self._clock.time() + self._pause

    def _refusal(self, answer: httpx.Response) -> Refused:
        try:
            code, message = self._explain(answer.json())
        except (ValueError, KeyError, TypeError, AttributeError):
            code, message = "", f"status {answer.status_code}"
        message = " ".join(message.split()).replace(self._key, "…").rstrip(".")
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            message = f"{message}; is {self._key_name} the key of an account"
            return Refused(answer.status_code, code, f"{self._title} says: {message}?")
        return Refused(answer.status_code, code, f"{self._title} says: {message}.")


def _retry_after(answer: httpx.Response) -> float:
    try:
        return float(answer.headers.get("Retry-After", 0))
    except ValueError:  # a date
        return 0.0
