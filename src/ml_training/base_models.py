"""What a model is made of: from a folder, from the table of usual models, or from the Hub."""

import json
import os
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

from ml_training.errors import ProviderProblem, UsageProblem

if TYPE_CHECKING:
    from core.estimate.architecture import Architecture

HUB = "https://huggingface.co"
CONFIG = "config.json"
TIMEOUT = 10  # seconds
LARGEST = 1 << 20  # bytes of a configuration


def read_model(name: str) -> "Architecture":
    """
    Raises:
        UsageProblem: There is no such model, or its configuration cannot be read.
        ProviderProblem: The Hub gives no answer.
        UserError: It is of no family that is known.
    """
    from core.errors import UserError
    from core.estimate.architecture_reader import read_architecture
    from ml_training.model_table import find_model

    path = Path(name)
    if path.is_dir() or path.is_file():
        return read_architecture(_read(path / CONFIG if path.is_dir() else path))
    try:
        return find_model(name)
    except UserError as unknown:
        if "/" not in name:
            raise
        try:
            return read_architecture(_fetch(name))
        except URLError as error:
            raise ProviderProblem(
                f"{unknown} The Hub, which may know it, can't be reached ({error.reason})."
            ) from None


def _read(path: Path) -> dict[str, Any]:
    try:
        return _parse(path.read_bytes(), str(path))
    except OSError as error:
        raise UsageProblem(
            f"{path} can't be read ({error.strerror}): name a folder that holds {CONFIG}."
        ) from None


def _fetch(name: str) -> dict[str, Any]:
    hub = os.environ.get("HF_ENDPOINT", HUB).rstrip("/")
    token = os.environ.get("HF_TOKEN", "").strip()
    request = Request(f"{hub}/{quote(name)}/resolve/main/{CONFIG}")
    if token:
        request.add_unredirected_header("Authorization", f"Bearer {token}")
    try:
        with urlopen(request, timeout=TIMEOUT) as answer:
            return _parse(answer.read(LARGEST), f"{name}/{CONFIG}")
    except HTTPError as error:
        why = {401: "is private or gated: set HF_TOKEN", 403: "is gated: ask for access there"}
        said = why.get(error.code, "is not there: is the name right?")
        raise UsageProblem(f"The Hub says that {name} {said} (status {error.code}).") from None
    except (HTTPException, TimeoutError) as error:
        raise URLError(type(error).__name__) from None


def _parse(content: bytes, where: str) -> dict[str, Any]:
    try:
        config = json.loads(content)
    except ValueError:
        raise UsageProblem(f"{where} is no JSON, or ends half way.") from None
    if not isinstance(config, dict):
        raise UsageProblem(f"{where} is no JSON object.")
    return config
