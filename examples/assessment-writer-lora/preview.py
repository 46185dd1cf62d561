"""Shows which tokens carry loss, before an hour is spent on the wrong ones."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from core.report import Table
from encoding import IGNORED, Row, count_loss

SHOWN = 3  # rows
LONGEST = 600  # characters of a row


def loss_share(rows: Sequence[Row]) -> str:
    learnt, total = count_loss(rows), sum(len(row["input_ids"]) for row in rows)
    return f"{learnt:,} of {total:,} tokens carry loss ({learnt / total:.0%})"


def preview(rows: Sequence[Row], tokenizer: Any) -> str:
    """The first row as text; what carries loss is between « and »."""
    parts = (f"«{text}»" if learnt else text for learnt, text in _parts(rows[0], tokenizer))
    shown = "".join(parts)
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…"


def preview_table(rows: Sequence[Row], tokenizer: Any) -> Table:
    return Table(
        "What is learnt",
        ["Row", "Carries loss", "Text"],
        [
            [number, "yes" if learnt else "no", text[:LONGEST]]
            for number, row in enumerate(rows[:SHOWN], start=1)
            for learnt, text in _parts(row, tokenizer)
        ],
        note=f"The first training rows, as the model gets them. Of all, {loss_share(rows)}.",
    )


def _parts(row: Row, tokenizer: Any) -> list[tuple[bool, str]]:
    pairs = list(zip(row["input_ids"], row["labels"], strict=True))
    return [
        (learnt, tokenizer.decode([token for token, _ in group]))
        for learnt, group in groupby(pairs, key=lambda pair: pair[1] != IGNORED)
    ]
