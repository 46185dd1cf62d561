"""Sources and targets as token ids, and what of them the base model can't read or write."""

from collections.abc import Sequence

from core.dataset import count
from core.errors import DataError, DataProblem, quote
from core.finetune import Example
from encoding import Encoding
from split import Example as Pair

SHOWN = 10  # characters


def encode(pairs: Sequence[Pair], encoding: Encoding, notes: list[str]) -> list[Example]:
    """What `finetune` takes; `notes` gets what was cut off, and what is not in the vocabulary.

    Raises:
        DataError: Of a target nothing is left.
    """
    sources = encoding.sources([pair.source for pair in pairs])
    targets = encoding.targets([pair.target for pair in pairs])
    written = [encoding.decode(ids) for ids in targets]
    _require_targets(pairs, written)
    _note_cut(pairs, sources, encoding.max_length, "source", "--max-length", notes)
    _note_cut(pairs, targets, encoding.max_target_length, "target", "--max-target-length", notes)
    _note_unreadable(pairs, sources, encoding, notes)
    is_whole = [len(ids) < encoding.max_target_length for ids in targets]
    whole = [(p, w) for p, w, is_so in zip(pairs, written, is_whole, strict=True) if is_so]
    _note_unwritable(whole, notes)
    return [
        {"input_ids": ids, "labels": labels} for ids, labels in zip(sources, targets, strict=True)
    ]


def _require_targets(pairs: Sequence[Pair], written: Sequence[str]) -> None:
    advice = "delete the row, or give another --base-model."
    problems = [
        DataProblem(
            pair.file,
            f"the target {quote(pair.target)} has no character that the base model can write;"
            f" {advice}",
            pair.number,
        )
        for pair, text in zip(pairs, written, strict=True)
        if not text
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


def _note_unreadable(
    pairs: Sequence[Pair], sources: Sequence[list[int]], encoding: Encoding, notes: list[str]
) -> None:
    unknown = encoding.tokenizer.unk_token_id
    found = [pair for pair, ids in zip(pairs, sources, strict=True) if unknown in ids]
    if found:
        texts = count(len(found), "source holds", "sources hold")
        notes.append(
            f"{texts} characters that the base model cannot read, first {found[0].place}:"
            " it takes all of them for the same one."
        )


def _note_unwritable(written: Sequence[tuple[Pair, str]], notes: list[str]) -> None:
    lost: dict[str, str] = {}  # the first place of each character
    rows = 0
    for pair, text in written:
        missing = {c for c in {*pair.target} - {*text} if c == "\n" or not c.isspace()}
        rows += bool(missing)
        for character in sorted(missing):
            lost.setdefault(character, pair.place)
    if lost:
        texts = count(rows, "target holds", "targets hold")
        shown = ["line breaks" if c == "\n" else quote(c) for c in lost][:SHOWN]
        notes.append(
            f"{texts} what the base model cannot write, first {next(iter(lost.values()))}:"
            f" {', '.join(shown)}. Replace it, or give another --base-model."
        )
