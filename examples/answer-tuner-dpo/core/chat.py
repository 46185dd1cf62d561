"""Conversations as the tokens of a model, and which of them are answers.

A model learns its answers only: what stands before them will always be given.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from core.errors import UserError
from core.generation import Message

# For base models without one: plain words, so that no token has to be added.
TEMPLATE = (
    "{% for message in messages %}"
    "{{ '### ' + message['role'] | capitalize + ':\n' + message['content'] }}"
    "{{ eos_token if message['role'] == 'assistant' else '' }}{{ '\n\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '### Assistant:\n' }}{% endif %}"
)


class Encoded(NamedTuple):
    ids: list[int]
    is_answer: list[bool]  # of each token


def ensure_template(tokenizer: Any) -> bool:
    """Whether the tokenizer had a chat template; a plain one is set where it had none."""
    if tokenizer.chat_template:
        return True
    tokenizer.chat_template = TEMPLATE
    return False


def encode_question(tokenizer: Any, messages: Sequence[Message]) -> list[int]:
    """The tokens of a conversation up to where the answer begins.

    Raises:
        ValueError: The template refuses it; a sentence says why.
    """
    text = render(tokenizer, messages, asks=True)
    ids: list[int] = tokenizer(text, add_special_tokens=False)["input_ids"]
    return ids


def encode_conversation(tokenizer: Any, messages: Sequence[Message]) -> Encoded:
    """The tokens of a whole conversation; those from a question's end to an answer's end are answers.

    A template that rewrites earlier turns, as those of models that think do, leaves the last
    answer alone.

    Raises:
        UserError: The template puts something else before an answer than before a question.
        ValueError: The template refuses the conversation; a sentence says why.
    """
    text = render(tokenizer, messages)
    spans = []
    for turn, message in enumerate(messages):
        if message.role == "assistant":
            question = render(tokenizer, messages[:turn], asks=True)
            answered = render(tokenizer, messages[: turn + 1]).rstrip()
            if text.startswith(question) and text.startswith(answered):
                spans.append((len(question), len(answered)))
    if not spans:
        raise UserError(
            "The chat template of the base model does not begin an answer as it asks for one:"
            " choose another --base-model."
        )
    encoded = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    is_answer = [
        any(start < end and low <= start and end <= high for low, high in spans)
        for start, end in encoded["offset_mapping"]
    ]
    return Encoded(encoded["input_ids"], is_answer)


def render(tokenizer: Any, messages: Sequence[Message], asks: bool = False) -> str:
    """The text of a conversation.

    Raises:
        ValueError: The template refuses it; a sentence says why.
    """
    from jinja2 import TemplateError  # what templates raise

    plain = [{"role": message.role, "content": message.content} for message in messages]
    try:
        text: str = tokenizer.apply_chat_template(plain, tokenize=False, add_generation_prompt=asks)
    except TemplateError as error:
        raise ValueError(f"The model's chat template refuses it: {error}.") from None
    return text
