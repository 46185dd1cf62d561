"""Reads conversations from a data set; what is wrong with one is half a sentence."""

import json
from collections.abc import Mapping

from core.errors import shorten
from core.generation import Message
from core.values import explain_text, is_missing

ROLES = ("system", "user", "assistant")
SHAREGPT = {"human": "user", "gpt": "assistant"}  # as some data sets call them
FORM = 'a list like [{"role": "user", "content": …}, {"role": "assistant", "content": …}]'


def read_messages(value: object) -> tuple[Message, ...]:
    """The conversation that `value` holds, or that it is as JSON.

    Raises:
        ValueError: Half a sentence: what is wrong, and what to do.
    """
    if is_missing(value) or value == "":
        raise ValueError("is missing; write the messages or delete the row.")
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise ValueError(f"is {shorten(value)}, which is no JSON; write {FORM}.") from None
    if not isinstance(value, list):
        raise ValueError(f"is {shorten(value)}; write {FORM}.")  # noqa: TRY004
    if not value:
        raise ValueError("holds no messages; write some or delete the row.")
    return tuple(_read(message, number) for number, message in enumerate(value, start=1))


def require_turns(messages: tuple[Message, ...], last: str = "assistant") -> None:
    """
    Raises:
        ValueError: User and assistant do not take turns, or the last word is not `last`'s.
    """
    system = 1 if messages[0].role == "system" else 0
    for number, message in enumerate(messages[system:], start=system + 1):
        expected = ROLES[1 + (number - system - 1) % 2]
        if message.role == "system":
            raise ValueError(f"message {number} is the system's; only the first one may be.")
        if message.role != expected:
            raise ValueError(
                f"message {number} is the {message.role}'s where it is the {expected}'s turn;"
                " join or delete messages."
            )
    if messages[-1].role != last:
        raise ValueError(
            f"the last message is the {messages[-1].role}'s; end with the {last}'s, or delete the row."
        )


def _read(value: object, number: int) -> Message:
    place = f"message {number}"
    if not isinstance(value, Mapping):
        raise ValueError(f"{place} is {shorten(value)}; write {FORM}.")  # noqa: TRY004
    role = value.get("role", value.get("from"))
    role = SHAREGPT.get(role, role) if isinstance(role, str) else role
    if value.get("tool_calls") or role in ("tool", "function"):
        raise ValueError(f"{place} uses a tool, which is not supported; delete the row.")
    if role not in ROLES:
        raise ValueError(f"{place} has the role {shorten(role)}; choose {', '.join(ROLES)}.")
    content = value.get("content", value.get("value"))
    if problem := explain_text(content):
        raise ValueError(f"{place}: its content {problem}")
    return Message(role, str(content).strip())
