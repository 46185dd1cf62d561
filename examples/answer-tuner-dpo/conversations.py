"""Reads what is said: a text is one turn, a list of messages is a conversation."""

import random
from collections.abc import Sequence
from typing import Literal, TypeVar

from core.generation import Message
from core.messages import read_messages
from core.values import explain_text, is_missing

LONGEST = 100_000  # characters of a message

Conversation = tuple[Message, ...]
Speaker = Literal["user", "assistant"]
Item = TypeVar("Item")


def read_conversation(value: object, speaker: Speaker) -> Conversation:
    """
    Args:
        speaker: Who says it, where it is a text rather than messages, or these as JSON.

    Raises:
        ValueError: Half a sentence: what is wrong, and what to do.
    """
    is_text = isinstance(value, str) and not value.lstrip().startswith("[{")
    if (is_text or is_missing(value)) and (reason := explain_text(value)):
        raise ValueError(reason)
    conversation = (Message(speaker, str(value).strip()),) if is_text else read_messages(value)
    longest = max(len(message.content) for message in conversation)
    if longest > LONGEST:
        raise ValueError(
            f"has {longest:,} characters in a message; at most {LONGEST:,} are taken: shorten it."
        )
    return conversation


def as_lists(conversation: Conversation) -> list[list[str]]:
    """As JSON can hold it."""
    return [[message.role, message.content] for message in conversation]


def show(conversation: Conversation) -> str:
    """One text for people: who speaks is said where there are several turns."""
    if len(conversation) == 1:
        return conversation[0].content
    return "\n".join(f"{message.role}: {message.content}" for message in conversation)


def mix(items: Sequence[Item], seed: int) -> list[Item]:
    """All of them in a random order."""
    return random.Random(seed).sample(items, len(items))
