"""Prompts as tokens, filled up on the left: all answers of a batch begin at the same place."""

from collections.abc import Callable, Sequence

import torch
from transformers import PreTrainedTokenizerBase

from core.chat import encode_question
from core.errors import DataError, DataProblem
from core.finetune import Example
from core.run import Run
from data import Prompt
from language_model import Batch


def encode(
    source: str,
    prompts: Sequence[Prompt],
    tokenizer: PreTrainedTokenizerBase,
    max_length: int,
    run: Run,
) -> tuple[list[Example], list[Prompt]]:
    """What is computed with, and the prompts that it stands for; longer ones are left out.

    Raises:
        DataError: No prompt is left, or the template of the base model refuses one.
    """
    examples, kept = [], []
    for prompt in prompts:
        try:
            ids = encode_question(tokenizer, prompt.conversation)
        except ValueError as error:
            raise DataError(DataProblem(prompt.file, str(error), prompt.number)) from None
        if len(ids) <= max_length:
            examples.append({"input_ids": ids})
            kept.append(prompt)
    if not kept:
        message = f"every prompt is longer than --max-length {max_length}; raise it."
        raise DataError(DataProblem(source, message))
    if left_out := len(prompts) - len(kept):
        run.warn(
            f"{source}: left out {left_out:,} of {len(prompts):,} prompts, which are longer than"
            f" --max-length {max_length}."
        )
    return examples, kept


def collate(padding: int) -> Callable[[Sequence[Example]], Batch]:
    """
    Args:
        padding: Token that fills up the shorter ones.
    """

    def collate(examples: Sequence[Example]) -> Batch:
        ids = [example["input_ids"] for example in examples]
        width = max(map(len, ids))
        missing = [width - len(row) for row in ids]
        filled = [[padding] * m + row for m, row in zip(missing, ids, strict=True)]
        masks = [[0] * m + [1] * len(row) for m, row in zip(missing, ids, strict=True)]
        return {
            "input_ids": torch.tensor(filled),
            "attention_mask": torch.tensor(masks),
            "rows": torch.tensor([example["row"] for example in examples]),
            # Of a language model's labels the Trainer counts all but the first: a prompt is one.
            "labels": torch.zeros(len(examples), 2, dtype=torch.long),
        }

    return collate
