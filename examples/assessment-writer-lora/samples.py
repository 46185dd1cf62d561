"""What a model writes, for people to read: some validation questions, answered."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.chat import encode_question
from core.dataset import count
from core.generation import Engine, Sampling, answer
from core.report import Pair, Pairs
from forms import Example

SHOWN = 5  # questions
TOKENS = 96  # of an answer at the most
BLANK_LINES = re.compile(r"\s*\n\s*\n\s*\n\s*")
OPENING = 12  # tokens of a text that are given, where texts are gone on with


@dataclass(frozen=True)
class Sample:
    asked: str
    expected: str
    place: str
    ids: list[int]  # that the model gets


def choose_samples(examples: Sequence[Example], tokenizer: Any, max_length: int) -> list[Sample]:
    """The first few that leave room for an answer."""
    made = (_sample(example, tokenizer) for example in examples)
    return [sample for sample in made if len(sample.ids) + TOKENS <= max_length][:SHOWN]


def write(engine: Engine, samples: Sequence[Sample]) -> list[str]:
    """The most probable answers."""
    return answer(engine, [(sample.ids, Sampling(TOKENS)) for sample in samples])


def samples_section(
    samples: Sequence[Sample], before: Sequence[str], after: Sequence[str]
) -> Pairs:
    return Pairs(
        "Samples",
        [
            Pair(sample.asked, _tidy(new), sample.expected, sample.place, before=_tidy(old))
            for sample, old, new in zip(samples, before, after, strict=True)
        ],
        note=f"The most probable answers to the first {count(len(samples), 'validation row', 'validation rows')},"
        f" {TOKENS} tokens at the most. They need not be what the data says to be good.",
    )


def _sample(example: Example, tokenizer: Any) -> Sample:
    if example.messages:
        *question, expected = example.messages
        ids = encode_question(tokenizer, question)
        return Sample(question[-1].content, expected.content, example.place, ids)
    ids = tokenizer(example.text)["input_ids"]
    opening = ids[: min(OPENING, len(ids) // 2 + 1)]
    asked = tokenizer.decode(opening, skip_special_tokens=True)
    return Sample(asked, example.text[len(asked) :], example.place, opening)


def _tidy(text: str) -> str:
    """Without the empty lines that models which know little like to write."""
    return BLANK_LINES.sub("\n\n", text.strip()) or "(nothing)"
