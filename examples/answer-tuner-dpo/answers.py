"""Shows what a tuned model answers beside what it answered before."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from peft import PeftModel

from conversations import Conversation, show
from core.batch_engine import BatchEngine
from core.chat import encode_question
from core.decoding import Decoder
from core.generation import Sampling, answer
from core.report import Pair, Pairs
from language_model import end_tokens

SHOWN = 6  # prompts
LENGTH = 96  # tokens of an answer at the most


class Question(NamedTuple):
    prompt: Conversation
    wanted: str  # an answer that is known to be good; empty where none is
    place: str


def compare_answers(network: PeftModel, tokenizer: Any, questions: Sequence[Question]) -> Pairs:
    """The most probable answers, with the adapters and without them."""
    asked = questions[:SHOWN]
    ids = [encode_question(tokenizer, question.prompt) for question in asked]
    after = _answers(network, tokenizer, ids)
    with network.disable_adapter():
        before = _answers(network, tokenizer, ids)
    return Pairs(
        "Answers before and after",
        [
            Pair(show(question.prompt), new, question.wanted, question.place, before=old)
            for question, old, new in zip(asked, before, after, strict=True)
        ],
        note=f"The most probable ones to some validation prompts, {LENGTH} tokens at the most.",
    )


def _answers(network: PeftModel, tokenizer: Any, questions: Sequence[list[int]]) -> list[str]:
    model = network.get_base_model().eval()  # with whatever adapters are active
    engine = BatchEngine(Decoder(model), tokenizer, end_tokens(model, tokenizer))
    try:
        return answer(engine, [(ids, Sampling(LENGTH)) for ids in questions])
    finally:
        engine.close()
