"""Which tokens of a conversation are answers, by the template of the base model: `pytest -m slow`."""

from pathlib import Path
from typing import Any

import pytest

from core.chat import encode_conversation, encode_question, ensure_template
from core.errors import UserError
from core.generation import Message
from tests.tiny import save_tiny_generator

pytest.importorskip("transformers")

pytestmark = pytest.mark.slow

TALK = [
    Message("system", "Be brief."),
    Message("user", "What bends?"),
    Message("assistant", "Conduit."),
    Message("user", "What melts?"),
    Message("assistant", "Solder."),
]
FORGETFUL = (  # as those of models that think: earlier answers are told in another way
    "{% for m in messages %}<|{{ m.role }}|>"
    "{% if m.role == 'assistant' and loop.last %}<think></think>{% endif %}"
    "{{ m.content }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|><think></think>{% endif %}"
)
DEAF = "{% for m in messages %}{{ m.content }}{% endfor %}{{ '!' if add_generation_prompt }}"
STRICT = (
    "{% if messages[0].role == 'system' %}{{ raise_exception('No system here') }}{% endif %}"
    "{% for m in messages %}{{ m.content }}<|end|>{% endfor %}"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_generator(tmp_path_factory.mktemp("model"))


@pytest.fixture
def tokenizer(folder: Path) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(folder)


def learnt(tokenizer: Any) -> str:
    """What of the conversation carries loss."""
    ids, is_answer = encode_conversation(tokenizer, TALK)
    text: str = tokenizer.decode([i for i, learns in zip(ids, is_answer, strict=True) if learns])
    return text


def test_every_answer_carries_loss_to_its_end(tokenizer: Any) -> None:
    assert learnt(tokenizer) == "Conduit.<|end|>Solder.<|end|>"


def test_a_question_is_what_stands_before_its_answer(tokenizer: Any) -> None:
    whole, is_answer = encode_conversation(tokenizer, TALK)
    question = encode_question(tokenizer, TALK[:-1])
    assert whole[: len(question)] == question
    assert all(is_answer[len(question) :])


def test_a_tokenizer_without_a_template_gets_a_plain_one(tokenizer: Any) -> None:
    assert ensure_template(tokenizer)
    tokenizer.chat_template = None
    assert not ensure_template(tokenizer)
    assert learnt(tokenizer) == "Conduit.<|end|>Solder.<|end|>"
    ids, _ = encode_conversation(tokenizer, TALK)
    assert tokenizer.decode(ids).startswith("### System:\nBe brief.\n\n### User:\nWhat bends?")


def test_where_earlier_answers_are_rewritten_the_last_one_is_learnt(tokenizer: Any) -> None:
    tokenizer.chat_template = FORGETFUL
    assert learnt(tokenizer) == "Solder.<|end|>"


def test_a_template_that_asks_in_another_way_is_refused(tokenizer: Any) -> None:
    tokenizer.chat_template = DEAF
    with pytest.raises(UserError, match="choose another --base-model"):
        encode_conversation(tokenizer, TALK)


def test_what_a_template_refuses_is_said(tokenizer: Any) -> None:
    tokenizer.chat_template = STRICT
    with pytest.raises(ValueError, match="No system here"):
        encode_question(tokenizer, TALK[:-1])
