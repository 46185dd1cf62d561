"""Loads pairs of a better and a worse answer, and refuses those that no model should learn from.

python train.py --data data/train.jsonl --columns prompt=question --columns chosen=better
"""

from collections.abc import Sequence
from dataclasses import dataclass

from checks import (
    Pair,
    drop_contradictions,
    drop_duplicates,
    find_leaks,
    find_too_few,
    note_lengths,
    read_pair,
)
from conversations import Conversation, as_lists, mix
from core.columns import Field, choose_columns
from core.dataset import VALIDATION_SHARE, DataSettings, fingerprint, load_rows
from core.errors import DataError
from core.findings import Findings

PROMPT_NAMES = ("question", "instruction", "query", "input", "messages")
CHOSEN_NAMES = ("preferred", "better", "accepted", "winner", "good")
REJECTED_NAMES = ("dispreferred", "worse", "refused", "loser", "bad")
COLUMNS = (
    Field("prompt", PROMPT_NAMES, is_required=False),
    Field("chosen", CHOSEN_NAMES),
    Field("rejected", REJECTED_NAMES),
)
FIELDS = ("prompt", "chosen", "rejected", "reference")  # the last is read by grpo alone


@dataclass(frozen=True, slots=True)
class Dataset:
    train: list[Pair]
    validation: list[Pair]
    notes: list[str]  # what was guessed, dropped or looks odd
    fingerprint: str  # sha256 of all pairs, before `samples` takes some


def load_dataset(settings: DataSettings, findings: Findings | None = None) -> Dataset:
    """Read, check and split the data; the same settings give the same rows in the same order.

    Args:
        findings: Gets what is found on the way, also where it ends in an error.

    Raises:
        DataError: Each problem with file, row, column and what to do.
    """
    found = Findings() if findings is None else findings
    train = _load_pairs(settings.data, settings, found)
    validation = _load_pairs(settings.validation, settings, found) if settings.validation else []
    found.raise_problems()
    found.problems += find_too_few(settings.data, train)
    found.problems += find_leaks(train, validation)
    found.raise_problems()
    note_lengths(settings.data, train + validation, found)
    digest = fingerprint(
        [*map(as_lists, (pair.prompt, pair.chosen, pair.rejected))] for pair in train + validation
    )
    if not settings.validation:
        train, validation = split_by_prompt(train, settings.seed)
        found.notes.append(f"{settings.data}: set {len(validation):,} pairs apart to validate.")
    if settings.samples is not None:
        train = mix(train, settings.seed)[: settings.samples]
        validation = mix(validation, settings.seed)[: settings.samples]
    found.summary |= {"train_rows": len(train), "validation_rows": len(validation)}
    return Dataset(train, validation, found.notes, digest)


def _load_pairs(source: str, settings: DataSettings, found: Findings) -> list[Pair]:
    rows = load_rows(source, found)
    columns = choose_columns(source, rows, settings.columns, COLUMNS, found)
    pairs = []
    for row in rows:
        try:
            pairs.append(read_pair(row, columns))
        except DataError as error:
            found.problems += error.problems
    return drop_contradictions(source, drop_duplicates(source, pairs, found.notes), found.notes)


def split_by_prompt(pairs: Sequence[Pair], seed: int) -> tuple[list[Pair], list[Pair]]:
    """Training and validation part: all pairs of a prompt are in the same one."""
    by_prompt: dict[Conversation, list[Pair]] = {}
    for pair in pairs:
        by_prompt.setdefault(pair.prompt, []).append(pair)
    wanted = max(1, round(len(pairs) * VALIDATION_SHARE))
    held_out: set[Conversation] = set()
    taken = 0
    for prompt in mix(list(by_prompt), seed)[:-1]:
        if taken >= wanted:
            break
        held_out.add(prompt)
        taken += len(by_prompt[prompt])
    return (
        [pair for pair in pairs if pair.prompt not in held_out],
        [pair for pair in pairs if pair.prompt in held_out],
    )
