"""Sources and targets as token ids, and what of them the base model can't read or write."""

from collections.abc import Sequence

from core.dataset import count
from core.errors import DataError, DataProblem, quote
from core.finetune import Example
from encoding import Encoding
from split import Example as Pair

LOOKED_AT = 5000  # targets whose characters are compared with what can be written
SHOWN = 10  # characters


def encode(pairs: Sequence[Pair], encoding: Encoding, notes: list[str]) -> list[Example]:
    """What `finetune` takes; `notes` gets what was cut off or cannot be written.

    Raises:
        DataError: Of a target nothing is left.
    """
    sources = encoding.sources([pair.source for pair in pairs])
    targets = encoding.targets([pair.target for pair in pairs])
    _require_targets(pairs, targets, encoding)
    _note_cut(pairs, sources, encoding.max_length, "source", "--max-length", notes)
    _note_cut(pairs, targets, encoding.max_target_length, "target", "--max-target-length", notes)
    _note_unwritable(pairs, targets, encoding, notes)
    return [
        {"input_ids": ids, "labels": labels} for ids, labels in zip(sources, targets, strict=True)
    ]


def _require_targets(
    pairs: Sequence[Pair], targets: Sequence[list[int]], encoding: Encoding
) -> None:
    blank = {*encoding.tokenizer.all_special_ids}  # the token of what is unknown is one of them
    problems = [
        DataProblem(
            pair.file,
            "the target has no character that the base model can write;"
            " delete the row, or give another --base-model.",
            pair.number,
        )
        for pair, ids in zip(pairs, targets, strict=True)
        if blank.issuperset(ids)
    ]
    if problems:
        raise DataError(*problems)


def _note_cut(
    pairs: Sequence[Pair],
    ids: Sequence[list[int]],
    most: int,
    side: str,
    option: str,
    notes: list[str],
) -> None:
    cut = [pair for pair, row in zip(pairs, ids, strict=True) if len(row) >= most]
    if cut:
        texts = count(len(cut), f"{side} has", f"{side}s have")
        notes.append(
            f"{texts} {most:,} tokens or more, first {cut[0].place}:"
            f" what lies beyond is cut off. Raise {option} to keep it."
        )


def _note_unwritable(
    pairs: Sequence[Pair], targets: Sequence[list[int]], encoding: Encoding, notes: list[str]
) -> None:
    lost: dict[str, Pair] = {}
    rows = 0
    for pair, ids in zip(pairs[:LOOKED_AT], targets[:LOOKED_AT], strict=True):
        if len(ids) < encoding.max_target_length:  # else it was cut, which is noted by itself
            missing = {*pair.target} - {*encoding.decode(ids)}
            missing = {"line break" if c == "\n" else c for c in missing if c == "\n" or c.strip()}
            rows += bool(missing)
            lost |= dict.fromkeys(sorted(missing - lost.keys()), pair)
    if lost:
        first = next(iter(lost.values())).place
        texts = count(rows, "target holds", "targets hold")
        notes.append(
            f"{texts} what the base model cannot write, first {first}:"
            f" {quote(*[*lost][:SHOWN])}. Replace it, or give another --base-model."
        )
