"""JSON that a database can keep."""

import math
from typing import Annotated, Any

from pydantic import AfterValidator


def storable(value: Any) -> Any:
    """`value` itself.

    Raises:
        ValueError: It holds what jsonb refuses: NUL, half a surrogate pair, or no finite number.
    """
    match value:
        case str():
            _check_text(value)
        case float() if not math.isfinite(value):
            raise ValueError("a number must be finite")
        case list():
            for item in value:
                storable(item)
        case dict():
            for key, item in value.items():
                _check_text(key)
                storable(item)
    return value


def _check_text(text: str) -> None:
    if "\0" in text:
        raise ValueError("a text must not hold a NUL character")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("a text must not hold half a surrogate pair") from None


JsonObject = Annotated[dict[str, Any], AfterValidator(storable)]
