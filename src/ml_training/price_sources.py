"""Today's prices, from what each provider has for machines to read: all of an answer, or a problem."""

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from http.client import HTTPException
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from ml_training.errors import ProviderProblem, UsageProblem

if TYPE_CHECKING:
    from core.price_catalog import Price

TIMEOUT = 30.0  # seconds
LONGEST = 10_000_000  # bytes of an answer
MODAL = ("modal", "billing", "rates", "--json")


@dataclass(frozen=True)
class Api:
    """
    Args:
        key: Environment variable.
        key_page: Where one is made.
        url: Environment variable that says where else it is.
    """

    title: str
    key: str
    key_page: str
    url: str
    default_url: str
    path: str


APIS = {
    "lambda": Api(
        "Lambda",
        "LAMBDA_API_KEY",
        "https://cloud.lambda.ai/api-keys",
        "LAMBDA_API_URL",
        "https://cloud.lambda.ai",
        "/api/v1/instance-types",
    ),
    "runpod": Api(
        "RunPod",
        "RUNPOD_API_KEY",
        "https://console.runpod.io/user/settings",
        "RUNPOD_API_URL",
        "https://api.runpod.io",
        "/v2/catalog/gpus",
    ),
}
SOURCES = ("modal", *APIS)


def askable() -> list[str]:
    """The providers that can be asked from here."""
    with_key = [name for name, api in APIS.items() if os.environ.get(api.key, "").strip()]
    return (["modal"] if shutil.which(MODAL[0]) else []) + with_key


def fetch_prices(provider: str, known: "Sequence[Price]", today: date) -> "list[Price]":
    """
    Args:
        known: What is known of the provider's prices, for what an answer does not say.

    Raises:
        UsageProblem: There is no key, or no command line.
        ProviderProblem: It refused, failed, or gave an answer that is not as documented.
    """
    from ml_training.price_answers import (
        Odd,
        check_prices,
        lambda_prices,
        modal_prices,
        runpod_prices,
    )

    title = APIS[provider].title if provider in APIS else "Modal"
    try:
        if provider == "modal":
            found = [*modal_prices(_ask_modal(), known, today)]
        elif provider == "lambda":
            found = [*lambda_prices(_get(APIS[provider]), today)]
        else:
            found = [*runpod_prices(_get(APIS[provider]), today)]
        return check_prices(found)
    except Odd as odd:
        raise ProviderProblem(
            f"{title} gave an answer that is not as documented ({odd}): no price was changed."
        ) from None


class _Stay(HTTPRedirectHandler):
    """A key is for the address that was asked, and for no other."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _get(api: Api) -> Any:
    key = os.environ.get(api.key, "").strip()
    if not key:
        raise UsageProblem(f"Set {api.key} to an API key: {api.key_page} makes one.")
    url = (os.environ.get(api.url) or api.default_url).rstrip("/")
    try:
        headers = {"Authorization": f"Bearer {key}", "Accept": "application/json"}
        request = Request(f"{url}{api.path}", headers=headers)
        with build_opener(_Stay).open(request, timeout=TIMEOUT) as response:
            return _read_json(response.read(LONGEST + 1))
    except HTTPError as error:
        raise ProviderProblem(_refusal(api, error)) from None
    except (URLError, HTTPException, OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or type(error).__name__
        said = " ".join(str(reason).split()).replace(key, "…")
        raise ProviderProblem(
            f"{api.title} can't be reached at {url} ({said}): no price was changed."
        ) from None


def _read_json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        from ml_training.price_answers import Odd

        raise Odd("it is no JSON, or ends half way") from None


def _refusal(api: Api, error: HTTPError) -> str:
    if error.code in (401, 403):
        return f"{api.title} refuses the key: is {api.key} the key of an account?"
    if error.code == 429:
        wait = error.headers.get("Retry-After", "")
        when = f"in {wait} seconds" if wait.isdigit() else "in a minute"
        return f"{api.title} wants fewer requests: try again {when}. No price was changed."
    return f"{api.title} answered with status {error.code}: no price was changed."


def _ask_modal() -> Any:
    program = shutil.which(MODAL[0])
    if not program:
        raise UsageProblem(
            "Modal's prices come from its command line: pip install modal, then modal setup."
        )
    command = [program, *MODAL[1:]]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ProviderProblem(
            f"{' '.join(MODAL)} gave no answer ({type(error).__name__}): no price was changed."
        ) from None
    if done.returncode:
        said = (done.stderr or done.stdout).decode(errors="replace").split()
        reason = " ".join(said)[-200:] or f"exit code {done.returncode}"
        raise ProviderProblem(
            f"{' '.join(MODAL)} failed ({reason}): is modal setup done, and modal 1.6 or newer?"
        )
    return _read_json(done.stdout)
