"""What is said in turns: a text is one turn, a list of messages is a conversation."""

import random
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal, NamedTuple, TypeVar

from core.errors import quote, shorten
from core.values import explain_text, is_missing

LONGEST = 100_000  # characters of a message
ROLES = ("system", "user", "assistant")
FORM = 'a text, or messages like [{"role": "user", "content": …}]'


class Message(NamedTuple):
    role: str
    content: str


Conversation = tuple[Message, ...]
Item = TypeVar("Item")


def explain_conversation(value: object) -> str:
    """Why `value` is neither a text nor messages in turn; empty where it is one of them."""
    if isinstance(value, str) or is_missing(value):
        return explain_text(value) or _explain_length(value)
    if not isinstance(value, list):
        return f"is {shorten(value)}; write {FORM}."
    if not value:
        return "is an empty list; write its messages, or delete the row."
    for number, message in enumerate(value, start=1):
        if reason := _explain_message(message):
            return f"message {number} {reason}"
    return _explain_order([message["role"] for message in value])


def to_conversation(value: object, role: Literal["user", "assistant"]) -> Conversation:
    """A valid value; a text is said by `role`."""
    if isinstance(value, list):
        return tuple(Message(each["role"], each["content"].strip()) for each in value)
    return (Message(role, str(value).strip()),)


def as_dicts(conversation: Conversation) -> list[dict[str, str]]:
    """As a tokenizer's chat template takes it."""
    return [message._asdict() for message in conversation]


def show(conversation: Conversation) -> str:
    """One text for people: who speaks is said where there are several turns."""
    if len(conversation) == 1:
        return conversation[0].content
    return "\n".join(f"{role}: {content}" for role, content in conversation)


def common_prefix(one: Conversation, other: Conversation) -> Conversation:
    shared = 0
    for ours, theirs in zip(one, other, strict=False):
        if ours != theirs:
            break
        shared += 1
    return one[:shared]


def mix(items: Sequence[Item], seed: int) -> list[Item]:
    """All of them in a random order."""
    return random.Random(seed).sample(items, len(items))


def _explain_message(message: object) -> str:
    if not isinstance(message, dict):
        return f'is {shorten(message)}; write {{"role": …, "content": …}}.'
    role, content = message.get("role"), message.get("content")
    if role not in ROLES:
        return f"has the role {quote(str(role))}; choose {', '.join(ROLES)}."
    if reason := explain_text(content) or _explain_length(content):
        return f"of {role}: its content {reason}"
    return ""


def _explain_length(value: object) -> str:
    if isinstance(value, str) and len(value) > LONGEST:
        return f"has {len(value):,} characters; at most {LONGEST:,} are taken: shorten it."
    return ""


def _explain_order(roles: Sequence[str]) -> str:
    if "system" in roles[1:]:
        number = roles[1:].index("system") + 2
        return f"message {number} is the system's, which may be the first only."
    spoken = [role for role in roles if role != "system"]
    first = len(roles) - len(spoken) + 1
    for number, (one, next_) in enumerate(pairwise(spoken), start=first + 1):
        if one == next_:
            return f"message {number} is the {next_}'s again; user and assistant take turns."
    return "" if spoken else "has a system message alone; add what the user says."
