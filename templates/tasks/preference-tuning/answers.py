"""Shows what a tuned model answers beside what it answered before."""

from collections.abc import Sequence
from typing import Any

from peft import PeftModel

from conversations import Conversation, show
from core.batch_engine import BatchEngine
from core.chat import encode_question
from core.decoding import Decoder
from core.generation import Sampling, answer
from core.report import Cell, Table
from language_model import end_tokens

PROMPTS = 8
LENGTH = 128  # tokens


def compare_answers(
    network: PeftModel, tokenizer: Any, prompts: Sequence[Conversation], wanted: Sequence[str]
) -> Table:
    """The most probable answers, with the adapters and without them.

    Args:
        wanted: An answer to each prompt that is known to be good; empty where none is.
    """
    asked, wanted = prompts[:PROMPTS], wanted[:PROMPTS]
    questions = [encode_question(tokenizer, prompt) for prompt in asked]
    after = _answers(network, tokenizer, questions)
    with network.disable_adapter():
        before = _answers(network, tokenizer, questions)
    rows: list[list[Cell]] = [
        [show(prompt), *texts] for prompt, *texts in zip(asked, before, after, wanted, strict=True)
    ]
    return Table(
        "Answers before and after",
        ["Prompt", "Base model", "Tuned", "Wanted"],
        rows,
        note=f"To validation prompts: the most probable words, {LENGTH} tokens at the most.",
    )


def _answers(network: PeftModel, tokenizer: Any, questions: Sequence[list[int]]) -> list[str]:
    model = network.get_base_model().eval()  # with whatever adapters are active
    engine = BatchEngine(Decoder(model), tokenizer, end_tokens(model, tokenizer))
    try:
        return answer(engine, [(ids, Sampling(LENGTH)) for ids in questions])
    finally:
        engine.close()
