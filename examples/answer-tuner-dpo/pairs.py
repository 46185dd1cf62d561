"""Pairs as tokens: two conversations side by side that differ in their last answer."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from transformers import PreTrainedTokenizerBase

from checks import Pair
from core.chat import encode_conversation, encode_question
from core.errors import DataError, DataProblem
from core.finetune import Example, Network, length
from core.memory import within_memory
from core.run import Run
from language_model import Batch, pad, until_end
from preferences import Floats

MEASURED_AT_ONCE = 8  # pairs, at the most


def encode(
    source: str,
    pairs: Sequence[Pair],
    tokenizer: PreTrainedTokenizerBase,
    max_length: int,
    run: Run,
) -> tuple[list[Example], list[Pair]]:
    """What is computed with, and the pairs that it stands for.

    An answer is cut where `max_length` tokens are full; a pair whose answers are then the same is
    left out. Both are counted in a warning.

    Raises:
        DataError: No pair is left.
    """
    examples: list[Example] = []
    kept: list[Pair] = []
    cut = 0
    for pair in pairs:
        start, chosen, rejected = _tokens(pair, tokenizer)
        cut += max(len(chosen), len(rejected)) > max_length
        chosen, rejected = chosen[:max_length], rejected[:max_length]
        if chosen != rejected:
            example = {"input_ids": chosen + rejected, "chosen": len(chosen), "prompt": start}
            examples.append(example | {"labels": 0.0})
            kept.append(pair)
    if not examples:
        message = f"no pair differs within --max-length {max_length}; raise it."
        raise DataError(DataProblem(source, message))
    if cut:
        run.warn(
            f"{source}: {cut:,} of {len(pairs):,} pairs are longer than --max-length {max_length}:"
            f" they were cut, and {len(pairs) - len(kept):,} left out that differ behind it only."
        )
    return examples, kept


def _tokens(pair: Pair, tokenizer: PreTrainedTokenizerBase) -> tuple[int, list[int], list[int]]:
    """Where the answers begin, and the conversations up to where they end.

    Raises:
        DataError: The template of the base model refuses the conversation.
    """
    try:
        chosen, rejected = (
            encode_conversation(tokenizer, pair.prompt + answer)
            for answer in (pair.chosen, pair.rejected)
        )
        start = len(encode_question(tokenizer, pair.prompt))
    except ValueError as error:
        raise DataError(DataProblem(pair.file, str(error), pair.number)) from None
    return start, until_end(chosen), until_end(rejected)


def collate(padding: int) -> Callable[[Sequence[Example]], Batch]:
    """Makes batches: a row per pair, its chosen and its rejected conversation in it.

    Args:
        padding: Token that fills up the shorter ones, on the right.
    """

    def collate(examples: Sequence[Example]) -> Batch:
        ids = [side for example in examples for side in _sides(example)]
        starts = [example["prompt"] for example in examples for _ in range(2)]
        filled = pad(ids, starts, padding)
        labels = torch.tensor([example["labels"] for example in examples])
        return {
            **{name: rows.view(len(examples), 2, -1) for name, rows in filled.items()},
            "labels": labels,
        }

    return collate


def _sides(example: Example) -> tuple[list[int], list[int]]:
    ids, split = example["input_ids"], example["chosen"]
    return ids[:split], ids[split:]


@torch.no_grad()
def measure(
    network: Network, examples: Sequence[Example], padding: int, run: Run, *, bf16: bool = False
) -> Floats:
    """What the network says of both answers, a row per pair."""
    join = collate(padding)
    network.eval().to(torch.accelerator.current_accelerator() or "cpu")
    order = sorted(range(len(examples)), key=lambda place: length(examples[place]))

    def attempt(at_a_time: int) -> Floats:
        values = np.empty((len(examples), 2))
        for start in range(0, len(order), at_a_time):
            places = order[start : start + at_a_time]
            batch = join([examples[place] for place in places])
            inputs = {n: v.to(network.device) for n, v in batch.items() if n != "labels"}
            with torch.autocast(network.device.type, torch.bfloat16, enabled=bf16):
                values[places] = network(**inputs).logits.float().cpu().numpy()
        return values

    return within_memory(attempt, MEASURED_AT_ONCE, run)
