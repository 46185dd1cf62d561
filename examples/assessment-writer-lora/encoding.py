"""Rows as tokens, and which of them carry loss; what would teach nothing is refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.chat import encode_conversation
from core.dataset import count
from core.errors import DataError, DataProblem, UserError
from core.generation import Message
from data import Dataset
from forms import Example, Form

IGNORED = -100  # the label of a token that carries no loss

Row = dict[str, list[int]]


@dataclass(frozen=True)
class Rows:
    train: list[Row]
    validation: list[Row]


def last_token(tokenizer: Any) -> int:
    """The token that an answer ends with."""
    if not tokenizer.chat_template:
        return int(tokenizer.eos_token_id)
    ids, is_answer = encode_conversation(
        tokenizer, [Message("user", "1"), Message("assistant", "2")]
    )
    return [token for token, learnt in zip(ids, is_answer, strict=True) if learnt][-1]


def encode_dataset(dataset: Dataset, tokenizer: Any, max_length: int) -> Rows:
    """Tokens and labels of all rows, cut to `max_length` tokens, which is noted.

    Raises:
        DataError: Rows whose answers are cut away, each by its place.
        UserError: Every token carries loss, though only those of answers should.
    """
    problems: list[DataProblem] = []
    cut: list[Example] = []
    parts: list[list[Row]] = []
    for examples in (dataset.train, dataset.validation):
        parts.append([])
        for example in examples:
            row = _encode(example, dataset.form, tokenizer, problems)
            if len(row["input_ids"]) > max_length:
                cut.append(example)
                row = {name: values[:max_length] for name, values in row.items()}
            if row["input_ids"] and is_idle(row):
                message = (
                    f"its answer is cut away, as the question fills all of --max-length"
                    f" {max_length}; shorten it, or give a larger --max-length."
                )
                problems.append(DataProblem(example.file, message, example.number))
            parts[-1].append(row)
    if problems:
        raise DataError(*sorted(problems, key=lambda problem: (problem.file, problem.row or 0)))
    train, validation = parts
    if dataset.form.has_answers and all(_is_all_loss(row) for row in train):
        raise UserError(
            "Every token carries loss, though only those of answers should: the chat template of"
            " the base model leaves the questions out; choose another --base-model."
        )
    if cut:
        rows = count(len(cut), "row is", "rows are")
        dataset.notes.append(
            f"{rows} longer than {max_length} tokens and cut off there, first {cut[0].place}."
        )
    return Rows(train, validation)


def is_idle(row: Row) -> bool:
    """Whether nothing is learnt from it."""
    return all(label == IGNORED for label in row["labels"])


def count_loss(rows: Sequence[Row]) -> int:
    """Tokens that carry loss."""
    return sum(label != IGNORED for row in rows for label in row["labels"])


def _encode(example: Example, form: Form, tokenizer: Any, problems: list[DataProblem]) -> Row:
    try:
        if form is Form.TEXTS:
            ids = [*tokenizer(example.text)["input_ids"], tokenizer.eos_token_id]
            is_learnt = [True] * len(ids)
        else:
            ids, is_learnt = encode_conversation(tokenizer, example.messages)
    except ValueError as error:
        problems.append(DataProblem(example.file, str(error), example.number))
        return {"input_ids": [], "labels": []}
    labels = [token if learnt else IGNORED for token, learnt in zip(ids, is_learnt, strict=True)]
    # The first token has none before it that it could be told from.
    return {"input_ids": ids, "labels": [IGNORED, *labels[1:]]}


def _is_all_loss(row: Row) -> bool:
    return IGNORED not in row["labels"][1:]
